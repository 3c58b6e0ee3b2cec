import { CodedError } from '#contract/errors.ts';
import { isBuiltIn } from '#contract/permissions/scope.ts';
import type { Actor } from '../actors/read-actor.ts';
import type { IdentityTransaction } from '../database/tables.ts';
import { scopesOf } from './api-key-record.ts';
import { type BindingColumns, type Bindings, bindingsOf, unbound } from './bindings.ts';

/** The most that somebody may give to a key: what they have themselves. */
export interface KeyBounds {
  readonly scopes: readonly string[];
  /** A person may name scopes of their own as they like; a key passes on only those it carries. */
  readonly namesFreely: boolean;
  /** Milliseconds since the epoch; null for somebody without an end. */
  readonly expiresAt: number | null;
  readonly bindings: Bindings;
}

export const boundColumns = [
  'id',
  'made_by',
  'scopes',
  'expires_at',
  'project_ids',
  'environment_ids',
  'ip_ranges',
] as const;

type BoundRow = BindingColumns & {
  readonly scopes: string;
  readonly expires_at: number | null;
};

/** What whoever makes a change may give away. */
export async function boundsOfActor(
  transaction: IdentityTransaction,
  { keyId, permissions, expiresAt }: Actor,
): Promise<KeyBounds> {
  const { scopes } = permissions;
  if (keyId === null) return { scopes, namesFreely: true, expiresAt: null, bindings: unbound };
  const row = await transaction
    .selectFrom('api_key')
    .select(boundColumns)
    .where('id', '=', keyId)
    .executeTakeFirst();
  if (row === undefined) throw new CodedError('UNAUTHENTICATED');
  return { scopes, namesFreely: false, expiresAt, bindings: bindingsOf(row) };
}

/** What a key may give away. */
export function boundsOfKey(row: BoundRow): KeyBounds {
  return {
    scopes: scopesOf(row),
    namesFreely: false,
    expiresAt: row.expires_at,
    bindings: bindingsOf(row),
  };
}

/** Whether all of these scopes are theirs to give. */
export function givesAway(bounds: KeyBounds, scopes: readonly string[]): boolean {
  return scopes.every(
    (scope) => bounds.scopes.includes(scope) || (bounds.namesFreely && !isBuiltIn(scope)),
  );
}
