import type { Caller } from '#contract/caller.ts';
import type { IdentityDatabase } from '../database/tables.ts';
import { personalIds } from '../organizations/personal-organization.ts';
import { readLiveRights } from '../rights/live-rights.ts';
import { findLiveSession, type SessionLife } from './live-session.ts';
import type { SessionActivity } from './session-activity.ts';
import { readSignedSession } from './session-signature.ts';

export interface SessionParts {
  readonly database: IdentityDatabase;
  readonly secrets: readonly string[];
  readonly life: SessionLife;
  readonly activity: SessionActivity;
}

/** Whose session this is; null when it is nobody's: not signed by us, ended, or of a person who is gone. */
export async function resolveSession(
  { database, secrets, life, activity }: SessionParts,
  text: string,
  now: number,
  asOfSequence: number,
): Promise<Caller | null> {
  const token = readSignedSession(text, secrets);
  if (token === null) return null;
  const session = await findLiveSession(database, token, life, now);
  if (session === null) return null;
  const { organization } = personalIds(session.userId);
  const owner = await readLiveRights(database, session.userId, organization);
  if (owner === null) return null;
  activity.seen(session, now);
  return Object.freeze({
    kind: 'session',
    subject: session.userId,
    organization,
    project: null,
    environment: null,
    permissions: owner.permissions,
    credentialId: session.id,
    expiresAt: session.expiresAt,
    asOfSequence,
  });
}
