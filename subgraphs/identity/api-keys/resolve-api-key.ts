import { isApiKeyShaped } from '#contract/api-key.ts';
import type { Caller } from '#contract/caller.ts';
import { permissionsOf } from '#contract/permissions/scope.ts';
import type { IdentityDatabase } from '../database/tables.ts';
import { readLiveRights, withinRights } from '../rights/live-rights.ts';
import { scopesOf } from './api-key-record.ts';
import { type PepperRing, sameHash } from './pepper-ring.ts';

/**
 * Whose key this is; null when it is nobody's: unknown, revoked, expired, or of somebody who is gone or no
 * member of its organization any more.
 * A text that is not shaped like a key costs no look-up.
 */
export async function resolveApiKey(
  database: IdentityDatabase,
  peppers: PepperRing,
  text: string,
  now: number,
  asOfSequence: number,
): Promise<Caller | null> {
  if (!isApiKeyShaped(text)) return null;
  const hashes = peppers.hashes(text);
  const row = await database
    .selectFrom('api_key')
    .select([
      'api_key.id',
      'api_key.hash',
      'api_key.pepper_version',
      'api_key.scopes',
      'api_key.owner_id',
      'api_key.organization_id',
      'api_key.expires_at',
      'api_key.revoked_at',
    ])
    .where(
      'api_key.hash',
      'in',
      hashes.map(({ hash }) => hash),
    )
    .executeTakeFirst();
  if (row === undefined) return null;
  const computed = hashes.find(({ version }) => version === row.pepper_version);
  if (computed === undefined || !sameHash(computed.hash, row.hash)) return null;
  if (row.revoked_at !== null) return null;
  if (row.expires_at !== null && row.expires_at <= now) return null;
  const owner = await readLiveRights(database, row.owner_id, row.organization_id);
  if (owner === null) return null;
  return Object.freeze({
    kind: 'key',
    subject: row.owner_id,
    organization: row.organization_id,
    project: null,
    environment: null,
    permissions: withinRights(permissionsOf(scopesOf(row)), owner),
    credentialId: row.id,
    expiresAt: row.expires_at,
    asOfSequence,
  });
}
