import type { Expression, ExpressionBuilder, SqlBool } from 'kysely';
import { sql } from 'kysely';
import type { KeyType } from '#contract/permissions/key-type.ts';
import type { IdentityTables } from '../database/tables.ts';
import type { KeyStatus } from './api-key-record.ts';
import { invalidArgument } from './invalid-argument.ts';

/** `APIKeyFilter`, as GraphQL hands it over. Times are milliseconds since the epoch. */
export interface KeyFilter {
  readonly number?: number | null | undefined;
  readonly status?: KeyStatus | null | undefined;
  readonly revoked?: boolean | null | undefined;
  readonly type?: KeyType | null | undefined;
  readonly ownerId?: string | null | undefined;
  readonly serviceAccountId?: string | null | undefined;
  readonly expiresBefore?: number | null | undefined;
  readonly expiresAfter?: number | null | undefined;
  readonly search?: string | null | undefined;
}

type Is = ExpressionBuilder<IdentityTables, 'api_key'>;

const MAX_SEARCH_LENGTH = 100;

/** The conditions that a filter stands for; all of them have to hold. @throws CodedError BAD_USER_INPUT */
export function conditionsOf(is: Is, filter: KeyFilter, now: number): Expression<SqlBool>[] {
  const { number, status, revoked, type, ownerId, serviceAccountId } = filter;
  const { expiresBefore, expiresAfter, search } = filter;
  const conditions: Expression<SqlBool>[] = [];
  if (isSet(number)) conditions.push(is('id', 'in', numbered(is, number)));
  if (isSet(revoked)) conditions.push(is('revoked_at', revoked ? 'is not' : 'is', null));
  if (status) conditions.push(hasStatus(is, status, now));
  if (type) conditions.push(is('type', '=', type));
  if (ownerId) conditions.push(is('owner_id', '=', ownerId), is('owner_kind', '=', 'user'));
  if (serviceAccountId) {
    conditions.push(
      is('owner_id', '=', serviceAccountId),
      is('owner_kind', '=', 'service_account'),
    );
  }
  if (isSet(expiresBefore)) conditions.push(is('expires_at', '<', expiresBefore));
  if (isSet(expiresAfter)) conditions.push(is('expires_at', '>', expiresAfter));
  if (search) conditions.push(matches(is, search));
  return conditions;
}

function numbered(is: Is, number: number) {
  return is.selectFrom('api_key_number').select('key_id').where('number', '=', number);
}

function hasStatus(is: Is, status: KeyStatus, now: number): Expression<SqlBool> {
  if (status === 'REVOKED') return is('revoked_at', 'is not', null);
  const isNotRevoked = is('revoked_at', 'is', null);
  if (status === 'EXPIRED') return is.and([isNotRevoked, is('expires_at', '<=', now)]);
  const goesOn = is.or([is('expires_at', 'is', null), is('expires_at', '>', now)]);
  return is.and([isNotRevoked, goesOn, isOutOfUse(is, status)]);
}

function isOutOfUse(is: Is, status: KeyStatus): Expression<SqlBool> {
  if (status === 'DISABLED') return is('disabled_reason', '=', 'unused');
  if (status === 'QUARANTINED') return is('disabled_reason', 'in', ['leaked', 'maker_leaked']);
  return is('disabled_reason', 'is', null);
}

/** Part of the name in either case, or the beginning of the key. */
function matches(is: Is, search: string): Expression<SqlBool> {
  if (search.length > MAX_SEARCH_LENGTH) {
    throw invalidArgument('search', `"search" has at most ${MAX_SEARCH_LENGTH} characters`);
  }
  const literal = search.normalize('NFC').replaceAll(/[\\%_]/g, '\\$&');
  return is.or([
    sql<SqlBool>`lower(name) like lower(${`%${literal}%`}) escape '\\'`,
    sql<SqlBool>`lower(prefix) like lower(${`${literal}%`}) escape '\\'`,
  ]);
}

function isSet<T>(value: T | null | undefined): value is T {
  return value !== null && value !== undefined;
}
