import type { Caller } from '#contract/caller.ts';
import type { Place } from '#contract/identity.ts';
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
 * Whose session this is; null when it is nobody's: not signed by us, ended, or of a person who is gone. With a place,
 * whose it is there; nobody's outside of the organization in whose name it speaks.
 */
export async function resolveSession(
  { database, secrets, life, activity }: SessionParts,
  text: string,
  now: number,
  asOfSequence: number,
  place?: Place,
): Promise<Caller | null> {
  const token = readSignedSession(text, secrets);
  if (token === null) return null;
  const session = await findLiveSession(database, token, life, now);
  if (session === null) return null;
  const speaks = await findSessionPlace(database, session.userId, session.activeOrganizationId);
  if (speaks === null) return null;
  const { organization, permissions } = speaks;
  const within = { organization, projectIds: null, environmentIds: null };
  const found = place === undefined ? null : await findPlace(database, within, place);
  if (place !== undefined && found === null) return null;
  activity.seen(session, now);
  return Object.freeze({
    kind: 'session',
    subject: session.userId,
    organization,
    project: found === null ? null : found.projectId,
    environment: found === null ? null : found.environment.id,
    permissions:
      found === null ? permissions : restrictToEnvironment(permissions, found.environment),
    credentialId: session.id,
    expiresAt: session.expiresAt,
    asOfSequence,
  });
}
