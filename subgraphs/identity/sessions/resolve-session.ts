import type { Caller } from '#contract/caller.ts';
import type { Credential, Elsewhere } from '#contract/identity.ts';
import { restrictToEnvironment } from '#contract/permissions/restrict-to-environment.ts';
import type { IdentityDatabase } from '../database/tables.ts';
import { findPlace } from '../projects/find-place.ts';
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

/**
 * Whose session this is; null when it is nobody's: not signed by us, ended, or of a person who is gone. Elsewhere, when
 * the organization in whose name it speaks has no such project or environment as was asked for.
 */
export async function resolveSession(
  { database, secrets, life, activity }: SessionParts,
  { text, inEnvironment, inProject }: Omit<Credential, 'kind'>,
  now: number,
  asOfSequence: number,
): Promise<Caller | Elsewhere | null> {
  const token = readSignedSession(text, secrets);
  if (token === null) return null;
  const session = await findLiveSession(database, token, life, now);
  if (session === null) return null;
  const place = await findSessionPlace(database, session);
  if (place === null) return null;
  activity.seen(session, now);
  const isAsked = inEnvironment !== undefined || inProject !== undefined;
  const asked = { environment: inEnvironment, project: inProject };
  const where = isAsked ? await findPlace(database, place.organization, asked) : null;
  if (isAsked && where === null) return Object.freeze({ kind: 'elsewhere' });
  return Object.freeze({
    kind: 'session',
    subject: session.userId,
    organization: place.organization,
    project: where?.project ?? null,
    environment: where?.environment ?? null,
    defaultStage: where?.defaultStage ?? null,
    permissions:
      where === null
        ? place.permissions
        : restrictToEnvironment(place.permissions, { id: where.environment, name: where.name }),
    credentialId: session.id,
    expiresAt: session.expiresAt,
    asOfSequence,
  });
}
