import { CodedError } from '#contract/errors.ts';
import type { Grant } from '#contract/permissions/grant.ts';
import { isWithin } from '#contract/permissions/is-within.ts';
import { encodeGrants } from '#contract/permissions/make-grant.ts';
import { readGrants } from '#contract/permissions/read-grants.ts';
import { permissionsOf } from '#contract/permissions/scope.ts';
import { eitherOf } from '../api-keys/key-bounds.ts';
import { readScopeName } from '../api-keys/read-rights.ts';
import { assertBelow } from '../assert-below.ts';
import type { ChangeOrigin, Changes } from '../changes.ts';
import { changeOrganization } from '../organizations/organization-change.ts';
import { readStoredGrants } from '../rights/custom-scopes.ts';
import { requireTellable, reviewKeys } from './review-keys.ts';

/** A scope of an organization's own, and what it stands for. */
export interface ScopeRecord {
  readonly name: string;
  readonly grants: readonly Grant[];
  /** Milliseconds since the epoch. */
  readonly updatedAt: number;
}

export interface ScopeInput {
  readonly organizationId: string;
  readonly name: string;
  /** Grants as JSON. */
  readonly grants: readonly unknown[];
}

/**
 * What those who govern an organization do with its scopes. Keys that carry one change with it at once.
 *
 * All throw CodedError NOT_FOUND for an unknown organization as for a foreign one, and FORBIDDEN.
 */
export interface Scopes {
  /**
   * Says what a scope stands for, whether it was there before or not.
   * @throws CodedError BAD_USER_INPUT, LIMIT_REACHED, FORBIDDEN also for grants that the caller does not have,
   *   PERMISSIONS_TOO_COMPLEX when a key would come to more than can be told
   */
  define(origin: ChangeOrigin, input: ScopeInput): Promise<ScopeRecord>;
  /** Has it stand for nothing; keys go on carrying its name. @throws CodedError NOT_FOUND */
  remove(origin: ChangeOrigin, organizationId: string, name: string): Promise<string>;
}

const MAX_SCOPES = 100;

export function createScopes(changes: Changes): Scopes {
  return {
    async define(origin, { organizationId, name: text, grants: json }) {
      const name = readScopeName(text);
      const grants = readGrants(json);
      const wanted = { organizationId, standing: 'govern' } as const;
      return changeOrganization(changes, origin, wanted, async (change) => {
        const { transaction, permissions, now } = change;
        const before = await transaction
          .selectFrom('organization_scope')
          .select('grants')
          .where('organization_id', '=', organizationId)
          .where('name', '=', name)
          .executeTakeFirst();
        const had = before === undefined ? [] : readStoredGrants(before.grants);
        const most = eitherOf(permissions, { scopes: [], grants: had });
        if (!isWithin(permissionsOf([], undefined, grants), most)) {
          throw new CodedError('FORBIDDEN');
        }
        if (before === undefined) {
          const { count } = await transaction
            .selectFrom('organization_scope')
            .select(({ fn }) => fn.countAll<number | string>().as('count'))
            .where('organization_id', '=', organizationId)
            .executeTakeFirstOrThrow();
          assertBelow(count, 'scopes', MAX_SCOPES);
        }
        const columns = { grants: encodeGrants(grants), updated_at: now };
        await transaction
          .insertInto('organization_scope')
          .values({ organization_id: organizationId, name, ...columns })
          .onConflict((conflict) =>
            conflict.columns(['organization_id', 'name']).doUpdateSet(columns),
          )
          .execute();
        await requireTellable(transaction, organizationId);
        await reviewKeys(transaction, organizationId, name);
        return { name, grants, updatedAt: now };
      });
    },

    remove(origin, organizationId, name) {
      const wanted = { organizationId, standing: 'govern' } as const;
      return changeOrganization(changes, origin, wanted, async ({ transaction }) => {
        const { numDeletedRows } = await transaction
          .deleteFrom('organization_scope')
          .where('organization_id', '=', organizationId)
          .where('name', '=', name)
          .executeTakeFirst();
        if (numDeletedRows === 0n) throw new CodedError('NOT_FOUND');
        await reviewKeys(transaction, organizationId, name);
        return name;
      });
    },
  };
}
