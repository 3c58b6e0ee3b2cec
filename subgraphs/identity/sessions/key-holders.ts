import type { Clock } from '#contract/clock.ts';
import { CodedError } from '#contract/errors.ts';
import { type BuiltInScope, scopeOfPermission } from '#contract/permissions/scope.ts';
import type { Dialect } from '#subgraphs/kit/index.ts';
import { scopesOf } from '../api-keys/api-key-record.ts';
import { bindingsOf } from '../api-keys/bindings.ts';
import { type ResolveApiKeyParts, resolveApiKey } from '../api-keys/resolve-api-key.ts';
import { personalIds } from '../organizations/personal-organization.ts';
import { readLiveRights } from '../rights/live-rights.ts';
import { isGoverning } from '../rights/role.ts';
import type { IdentitySettings } from '../settings.ts';

/** Somebody whose API key opens a session. */
export interface KeyHolder {
  readonly userId: string;
  readonly organization: string;
  readonly keyId: string;
  /** When the session has to end at the latest, because its key does; null when it need not. */
  readonly endsAt: number | null;
}

/** Says whose key opens a session, and ties sessions to their keys. */
export interface KeyHolders {
  /**
   * @throws CodedError UNAUTHENTICATED for what is no key that works, FORBIDDEN for one that works and opens no session
   */
  find(key: string): Promise<KeyHolder>;
  /** @throws CodedError UNAUTHENTICATED when the key has ended meanwhile; then the session has ended, too */
  tie(sessionId: string, holder: KeyHolder): Promise<void>;
}

export interface KeyHoldersOptions extends ResolveApiKeyParts {
  readonly dialect: Dialect;
  readonly clock: Clock;
  readonly openedByKeys: IdentitySettings['sessions']['openedByKeys'];
}

/** What a session can do: a key that cannot do all of it must not turn into one. */
const needed: readonly BuiltInScope[] = Object.values(scopeOfPermission);

export function createKeyHolders(options: KeyHoldersOptions): KeyHolders {
  const { database, dialect, clock, openedByKeys } = options;
  const endsWithKey = openedByKeys === 'end-with-key';

  return {
    async find(key) {
      if (openedByKeys === 'never') throw new CodedError('FORBIDDEN', 'Keys open no sessions here');
      const caller = await resolveApiKey(options, { text: key }, clock.now(), 0);
      if (caller === null) throw new CodedError('UNAUTHENTICATED');
      const refused = new CodedError('FORBIDDEN', 'This key opens no session');
      if (caller.kind !== 'key' || caller.credentialId === null) throw refused;
      const row = await database
        .selectFrom('api_key')
        .select(['owner_kind', 'scopes', 'project_ids', 'environment_ids', 'ip_ranges'])
        .where('id', '=', caller.credentialId)
        .executeTakeFirst();
      const { subject, organization } = caller;
      if (row?.owner_kind !== 'user' || subject === null || organization === null) throw refused;
      const { projectIds, environmentIds, ipRanges } = bindingsOf(row);
      const isBound = projectIds !== null || environmentIds !== null || ipRanges !== null;
      const scopes = scopesOf(row);
      if (isBound || !needed.every((scope) => scopes.includes(scope))) throw refused;
      if (!(await isAdministrator(subject, organization))) {
        throw new CodedError('FORBIDDEN', 'Only keys of administrators open sessions');
      }
      const endsAt = endsWithKey ? caller.expiresAt : null;
      return { userId: subject, organization, keyId: caller.credentialId, endsAt };
    },

    async tie(sessionId, { keyId }) {
      const isAlive = await database.transaction().execute(async (transaction) => {
        await transaction
          .updateTable('session')
          .set({ opened_by_key: keyId, ends_with_key: endsWithKey ? 1 : 0 })
          .where('id', '=', sessionId)
          .execute();
        // Whoever is revoking it is waited for, or finds the session.
        const key = await transaction
          .selectFrom('api_key')
          .select('id')
          .where('id', '=', keyId)
          .where('revoked_at', 'is', null)
          .where('disabled_at', 'is', null)
          .$if(dialect === 'postgres', (query) => query.forShare())
          .executeTakeFirst();
        if (key !== undefined) return true;
        await transaction.deleteFrom('session').where('id', '=', sessionId).execute();
        return false;
      });
      if (!isAlive) throw new CodedError('UNAUTHENTICATED');
    },
  };

  /** Everybody owns their personal organization: that makes only the owner of the deployment one. */
  async function isAdministrator(userId: string, organization: string): Promise<boolean> {
    const rights = await readLiveRights(database, userId, organization);
    if (rights === null || !isGoverning(rights.role)) return false;
    if (organization !== personalIds(userId).organization) return true;
    const owner = await database
      .selectFrom('deployment_owner')
      .select('user_id')
      .where('user_id', '=', userId)
      .executeTakeFirst();
    return owner !== undefined;
  }
}
