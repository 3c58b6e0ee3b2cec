import type { Caller } from '#contract/caller.ts';
import type { IdentityDatabase } from '../database/tables.ts';
import { findLiveSession, type SessionLife } from './live-session.ts';
import type { SessionActivity } from './session-activity.ts';
import { findSessionPlace } from './session-place.ts';
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
  const place = await findSessionPlace(database, session.userId, session.activeOrganizationId);
  if (place === null) return null;
  activity.seen(session, now);
  return Object.freeze({
    kind: 'session',
    subject: session.userId,
    organization: place.organization,
    project: null,
    environment: null,
    permissions: place.permissions,
    credentialId: session.id,
    expiresAt: session.expiresAt,
    asOfSequence,
  });
}
