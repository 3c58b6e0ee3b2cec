import { createApiKey, displayPrefix } from '#contract/api-key.ts';
import { CodedError } from '#contract/errors.ts';
import { newId } from '#contract/ids.ts';
import type { Permissions } from '#contract/permissions/grant.ts';
import { type CustomScopes, noPermissions, permissionsOf } from '#contract/permissions/scope.ts';
import type { Change } from '../changes.ts';
import type { IdentityTransaction } from '../database/tables.ts';
import { readCustomScopes } from '../rights/custom-scopes.ts';
import { type LiveRights, naming } from '../rights/live-rights.ts';
import { isWithinByName } from '../rights/within-by-name.ts';
import { recordColumns, recordOf, rightsColumnsOf } from './api-key-record.ts';
import { areBindingsWithin, columnsOf, readBindings } from './bindings.ts';
import { decideNewKey, type NewKeyInput } from './decide-new-key.ts';
import { boundsOfActor, eitherOf } from './key-bounds.ts';
import { type KeyPolicy, mostKeysOf, readKeyPolicy } from './key-policy.ts';
import type { KeyMaking, KeyWithText } from './key-with-text.ts';
import { type KeyOwner, readOwner } from './reach.ts';

/** Makes a key within a change. */
export async function createKey(
  change: Change,
  input: NewKeyInput,
  { peppers, settings, production }: KeyMaking,
): Promise<KeyWithText> {
  const { transaction, actor, now } = change;
  const owner = await readOwner(change, input.serviceAccountId);
  const maker = await boundsOfActor(transaction, actor);
  const policy = await readKeyPolicy(transaction, settings, owner.organization, now);
  const custom = await readCustomScopes(transaction, owner.organization);
  const decided = decideNewKey(input, maker, policy, custom, now);
  requireRights(owner.rights, permissionsOf(decided.scopes, custom, decided.grants), custom);
  const bindings = await readBindings(transaction, owner.organization, input, maker.bindings);
  if (!areBindingsWithin(bindings, maker.bindings)) throw new CodedError('FORBIDDEN');
  await requireRoom(transaction, owner, policy, now);
  const isLive = production && (await isForProduction(transaction, bindings.environmentIds));
  const key = createApiKey(isLive ? 'live' : 'test', settings.brand);
  const { hash, version } = peppers.hash(key);
  const row = await transaction
    .insertInto('api_key')
    .values({
      id: newId('key'),
      name: decided.name,
      prefix: displayPrefix(key),
      hash,
      pepper_version: version,
      ...rightsColumnsOf(decided.scopes, decided.grants, custom),
      owner_id: owner.id,
      owner_kind: owner.kind,
      organization_id: owner.organization,
      made_by: actor.keyId,
      created_at: now,
      expires_at: decided.expiresAt,
      revoked_at: null,
      ...columnsOf(bindings),
    })
    .returning(recordColumns)
    .executeTakeFirstOrThrow();
  return { key, record: recordOf(row) };
}

/** @throws CodedError FORBIDDEN for what the owner's role does not give and the key does not have already */
export function requireRights(
  { permissions }: LiveRights,
  wanted: Permissions,
  custom: CustomScopes,
  had: Permissions = noPermissions,
): void {
  if (!isWithinByName(wanted, eitherOf(naming(permissions, wanted), had), custom)) {
    throw new CodedError('FORBIDDEN');
  }
}

/** @throws CodedError KEY_LIMIT_REACHED. The transaction holds the lock of the organization: nobody else adds one between the count and the insert. */
export async function requireRoom(
  transaction: IdentityTransaction,
  owner: KeyOwner,
  policy: KeyPolicy,
  now: number,
): Promise<void> {
  const { count } = await transaction
    .selectFrom('api_key')
    .select((query) => query.fn.countAll().as('count'))
    .where('owner_id', '=', owner.id)
    .where('organization_id', '=', owner.organization)
    .where('revoked_at', 'is', null)
    .where((is) => is.or([is('expires_at', 'is', null), is('expires_at', '>', now)]))
    .executeTakeFirstOrThrow();
  const limit = mostKeysOf(owner.kind, policy);
  if (Number(count) < limit) return;
  throw new CodedError(
    'KEY_LIMIT_REACHED',
    `There are ${limit} live API keys, which is as many as are allowed; revoke one first`,
    { extensions: { limit } },
  );
}

/** A key that is bound to no environment is for all of them. */
async function isForProduction(
  transaction: IdentityTransaction,
  environmentIds: readonly string[] | null,
): Promise<boolean> {
  if (environmentIds === null) return true;
  const rows = await transaction
    .selectFrom('environment')
    .select('is_production')
    .where('id', 'in', environmentIds)
    .execute();
  return rows.some(({ is_production }) => is_production === 1);
}
