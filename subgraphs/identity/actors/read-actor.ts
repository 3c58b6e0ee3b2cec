import { sql } from 'kysely';
import { CodedError } from '#contract/errors.ts';
import type { Permissions } from '#contract/permissions/grant.ts';
import { allPermissions } from '#contract/permissions/scope.ts';
import type { Dialect, KnownCaller } from '#subgraphs/kit/index.ts';
import { rightsOf, scopesOf } from '../api-keys/api-key-record.ts';
import type { IdentityTransaction } from '../database/tables.ts';
import { readCustomScopes } from '../rights/custom-scopes.ts';
import { readLiveRights, withinRights } from '../rights/live-rights.ts';
import { isGoverning, type Role } from '../rights/role.ts';
import { isKeySession } from './is-key-session.ts';

/** Who makes a change, as they are in the store while its transaction runs. */
export interface Actor {
  readonly caller: KnownCaller;
  /** What they are in the organization in whose name they call. */
  readonly role: Role;
  /**
   * Whether they govern the organization: its members, service accounts and everybody's keys. A key that is bound to
   * a part of it never does.
   */
  readonly governs: boolean;
  /** Whether they use a key that is bound to a part of the organization. */
  readonly isBound: boolean;
  /** Whether they are there themselves: with a session, and not with one that a key opened. */
  readonly isInPerson: boolean;
  /** The key that they use, null with any other credential. */
  readonly keyId: string | null;
  readonly permissions: Permissions;
  /** When the text of their key ends, in milliseconds since the epoch; null when it does not. */
  readonly expiresAt: number | null;
}

/**
 * Who a caller is now, and stays until the transaction ends, which holds the locks of their subject and organization.
 *
 * Claims may be some seconds old; a key that was revoked meanwhile must make and revoke nothing.
 * @throws CodedError UNAUTHENTICATED when the caller's credential holds no more
 */
export async function readActor(
  transaction: IdentityTransaction,
  caller: KnownCaller,
  now: number,
): Promise<Actor> {
  const owner = await readLiveRights(transaction, caller.subject, caller.organization);
  if (owner === null) throw new CodedError('UNAUTHENTICATED');
  const { role } = owner;
  const governs = isGoverning(role);
  if (caller.kind !== 'key') {
    // No session carries a scope of an organization's own.
    const permissions = withinRights(caller.permissions, owner, new Map());
    const isInPerson = caller.kind === 'session' && !(await isKeySession(transaction, caller));
    const expiresAt = null;
    return {
      caller,
      role,
      governs,
      isBound: false,
      isInPerson,
      keyId: null,
      permissions,
      expiresAt,
    };
  }
  const row = await transaction
    .selectFrom('api_key')
    .select([
      'id',
      'scopes',
      'grants',
      'project_ids',
      'environment_ids',
      'expires_at',
      'revoked_at',
      'disabled_at',
    ])
    .where('id', '=', caller.credentialId)
    .where('owner_id', '=', caller.subject)
    .executeTakeFirst();
  if (row === undefined || row.revoked_at !== null) throw new CodedError('UNAUTHENTICATED');
  if (row.disabled_at !== null) throw new CodedError('UNAUTHENTICATED');
  if (row.expires_at !== null && row.expires_at <= now) throw new CodedError('UNAUTHENTICATED');
  const custom = await readCustomScopes(transaction, caller.organization, scopesOf(row));
  const isBound = row.project_ids !== null || row.environment_ids !== null;
  return {
    caller,
    role,
    governs: governs && !isBound,
    isBound,
    isInPerson: false,
    keyId: row.id,
    permissions: withinRights(rightsOf(row, custom), owner, custom),
    expiresAt: endOfText(caller.expiresAt, row.expires_at),
  };
}

/**
 * When what a key's caller shows ends: the text before a rotation does so before its key. Claims say it in whole
 * seconds.
 */
function endOfText(told: number | null, end: number | null): number | null {
  if (told === null || (end !== null && Math.floor(end / 1_000) * 1_000 <= told)) return end;
  return told;
}

/**
 * Whoever runs this process, acting on what is a caller's: nothing in the organization is closed to them. The
 * caller does not have to be there any more.
 */
export function operatorFor(caller: KnownCaller): Actor {
  return {
    caller,
    role: 'owner',
    governs: true,
    isBound: false,
    isInPerson: caller.kind === 'session',
    keyId: null,
    permissions: allPermissions,
    expiresAt: null,
  };
}

/**
 * One change at a time to what belongs to these subjects and organizations: otherwise a key that is made while its
 * maker is revoked could escape the revocation, and two owners who leave at once could leave nobody behind.
 *
 * Take them all at once, before anything is written. On SQLite every transaction has the store for itself.
 */
export async function lockAll(
  transaction: IdentityTransaction,
  dialect: Dialect,
  ids: readonly string[],
): Promise<void> {
  if (dialect !== 'postgres') return;
  // In one order, so that nobody waits for somebody who waits for them.
  for (const id of [...new Set(ids)].sort()) {
    await sql`select pg_advisory_xact_lock(hashtextextended(${id}, 0))`.execute(transaction);
  }
}
