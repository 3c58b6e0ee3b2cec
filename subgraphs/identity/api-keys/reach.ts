import type { Selectable } from 'kysely';
import { CodedError } from '#contract/errors.ts';
import type { CustomScopes } from '#contract/permissions/scope.ts';
import type { Change } from '../changes.ts';
import type { ApiKeyTable, OwnerKind } from '../database/key-tables.ts';
import { type LiveRights, readLiveRights } from '../rights/live-rights.ts';
import { boundColumns, boundsOfActor, boundsOfKey, type KeyBounds } from './key-bounds.ts';
import { makersOf } from './made-by.ts';

export type KeyRow = Selectable<ApiKeyTable>;

/** Whose a key is to be, with the rights that they have now. */
export interface KeyOwner {
  readonly id: string;
  readonly kind: OwnerKind;
  readonly organization: string;
  readonly rights: LiveRights;
}

/**
 * The key, if whoever makes the change may know of it: their own, or any of the organization they govern.
 * @throws CodedError NOT_FOUND for an unknown key as for somebody else's
 */
export async function findReachable({ transaction, actor }: Change, id: string): Promise<KeyRow> {
  const { subject, organization } = actor.caller;
  let query = transaction
    .selectFrom('api_key')
    .selectAll()
    .where('id', '=', id)
    .where('organization_id', '=', organization);
  if (!actor.governs) query = query.where('owner_id', '=', subject);
  const row = await query.executeTakeFirst();
  if (row === undefined) throw new CodedError('NOT_FOUND');
  return row;
}

/** @throws CodedError ALREADY_REVOKED, KEY_EXPIRED: what has ended is not brought back */
export function requireLive(row: KeyRow, now: number): void {
  if (row.revoked_at !== null) throw new CodedError('ALREADY_REVOKED');
  if (row.expires_at !== null && row.expires_at <= now) throw new CodedError('KEY_EXPIRED');
}

/**
 * What an edited key has to stay within: what its editor has, and what the key has that it was made with.
 *
 * A key edits itself and what was made with it. Of any other it could make something that outlives its revocation.
 * @throws CodedError FORBIDDEN
 */
export async function boundsOfEditor(
  { transaction, actor }: Change,
  row: KeyRow,
  custom: CustomScopes,
): Promise<readonly KeyBounds[]> {
  const own = await boundsOfActor(transaction, actor);
  if (actor.keyId !== null && actor.keyId !== row.id) {
    const makers = await makersOf(transaction, row.id);
    if (!makers.includes(actor.keyId)) {
      throw new CodedError('FORBIDDEN', 'A key changes only itself and the keys made with it');
    }
  }
  if (row.made_by === null) return [own];
  const maker = await transaction
    .selectFrom('api_key')
    .select(boundColumns)
    .where('id', '=', row.made_by)
    .executeTakeFirstOrThrow();
  return [own, boundsOfKey(maker, custom)];
}

/**
 * The owner of a new key: the one who makes it, or a service account of the organization that they govern.
 * @throws CodedError NOT_FOUND for a service account that is not there, FORBIDDEN
 */
export async function readOwner(
  { transaction, actor }: Change,
  serviceAccountId: string | null | undefined,
): Promise<KeyOwner> {
  const { subject } = actor.caller;
  const organization = actor.caller.organization ?? '';
  const id = serviceAccountId ?? subject;
  const account = await transaction
    .selectFrom('service_account')
    .select('suspended_at')
    .where('id', '=', id)
    .where('organization_id', '=', organization)
    .executeTakeFirst();
  if (serviceAccountId !== undefined && serviceAccountId !== null) {
    if (account === undefined) throw new CodedError('NOT_FOUND');
    if (!actor.governs && id !== subject) throw new CodedError('FORBIDDEN');
    if (account.suspended_at !== null) {
      throw new CodedError('FORBIDDEN', 'The service account is suspended');
    }
  }
  const rights = await readLiveRights(transaction, id, organization);
  if (rights === null) throw new CodedError('NOT_FOUND');
  return { id, kind: account === undefined ? 'user' : 'service_account', organization, rights };
}
