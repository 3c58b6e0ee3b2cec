import { CodedError } from '#contract/errors.ts';
import type { Grant } from '#contract/permissions/grant.ts';
import { isWithin } from '#contract/permissions/is-within.ts';
import { encodeGrants } from '#contract/permissions/make-grant.ts';
import { readGrants } from '#contract/permissions/read-grants.ts';
import { permissionsOf } from '#contract/permissions/scope.ts';
import { invalidArgument } from '../api-keys/invalid-argument.ts';
import { eitherOf } from '../api-keys/key-bounds.ts';
import type { ChangeOrigin } from '../changes.ts';
import type { IdentityTransaction } from '../database/tables.ts';
import type { OrganizationChange } from '../organizations/organization-change.ts';
import { changeEnvironment } from '../projects/environment-change.ts';
import type { ProjectParts } from '../projects/project-change.ts';
import type { EnvironmentRecord } from '../projects/project-record.ts';
import { readStoredGrants } from '../rights/custom-scopes.ts';

/** What an environment lets everybody do, and which stage is meant there where none is said. */
export interface EnvironmentPolicy {
  readonly publicGrants: readonly Grant[];
  readonly defaultStage: string;
}

/** That of an environment of which nobody has said anything: closed. */
export const firstPolicy: EnvironmentPolicy = Object.freeze({
  publicGrants: Object.freeze([]),
  defaultStage: 'PUBLISHED',
});

export interface PublicPermissionsInput {
  readonly environmentId: string;
  /** Grants as JSON. */
  readonly grants: readonly unknown[];
  readonly allowMutations?: boolean | null;
}

/**
 * What those who govern an organization do with the policies of its environments.
 *
 * All throw CodedError NOT_FOUND for an unknown environment as for a foreign one, and FORBIDDEN.
 */
export interface EnvironmentPolicies {
  /**
   * Says what anybody may do without a credential. More than READ has to be asked for by `allowMutations`.
   * @throws CodedError BAD_USER_INPUT, FORBIDDEN also for grants that the caller does not have
   */
  setPublic(origin: ChangeOrigin, input: PublicPermissionsInput): Promise<EnvironmentRecord>;
  /**
   * Opens what is published to everybody, where nothing is open yet. Doing it twice changes nothing.
   * @throws CodedError BAD_USER_INPUT where something else is open
   */
  initializePublic(origin: ChangeOrigin, environmentId: string): Promise<EnvironmentRecord>;
  /** @throws CodedError BAD_USER_INPUT for what cannot be the name of a stage */
  setDefaultStage(
    origin: ChangeOrigin,
    environmentId: string,
    stage: string,
  ): Promise<EnvironmentRecord>;
}

const readPublished = readGrants([{ actions: ['READ'], on: '*', stages: ['PUBLISHED'] }]);
const STAGE = /^[A-Za-z_]\w{0,63}$/;

export function createEnvironmentPolicies(parts: ProjectParts): EnvironmentPolicies {
  return {
    async setPublic(origin, { environmentId, grants: json, allowMutations }) {
      const grants = readPublicGrants(json, allowMutations === true);
      return changeEnvironment(parts, origin, environmentId, async (change, environment) => {
        const before = await readPolicy(change.transaction, environmentId);
        requireOwn(change, grants, before.publicGrants);
        await writePolicy(change, environmentId, { ...before, publicGrants: grants });
        return environment;
      });
    },

    async initializePublic(origin, environmentId) {
      return changeEnvironment(parts, origin, environmentId, async (change, environment) => {
        const before = await readPolicy(change.transaction, environmentId);
        requireOwn(change, readPublished, before.publicGrants);
        const open = encodeGrants(before.publicGrants);
        if (before.publicGrants.length > 0 && open !== encodeGrants(readPublished)) {
          throw new CodedError('BAD_USER_INPUT', 'The environment is open to the public already');
        }
        await writePolicy(change, environmentId, { ...before, publicGrants: readPublished });
        return environment;
      });
    },

    async setDefaultStage(origin, environmentId, stage) {
      if (!STAGE.test(stage)) {
        throw invalidArgument('stage', 'A stage is a word of letters, digits and underscores');
      }
      return changeEnvironment(parts, origin, environmentId, async (change, environment) => {
        const before = await readPolicy(change.transaction, environmentId);
        await writePolicy(change, environmentId, { ...before, defaultStage: stage });
        return environment;
      });
    },
  };
}

function readPublicGrants(json: readonly unknown[], allowsMutations: boolean): readonly Grant[] {
  const grants = readGrants(json);
  for (const { actions, environments } of grants) {
    if (actions.includes('MANAGE')) {
      throw invalidArgument('grants', 'Nobody manages anything without a credential');
    }
    if (!allowsMutations && actions.some((action) => action !== 'READ')) {
      throw invalidArgument('grants', 'More than READ takes "allowMutations"');
    }
    if (environments !== undefined) {
      throw invalidArgument('grants', 'What is public in an environment is public there alone');
    }
  }
  return grants;
}

/** Nobody opens to everybody what is closed to themselves. */
function requireOwn(
  { permissions }: OrganizationChange,
  grants: readonly Grant[],
  had: readonly Grant[],
): void {
  const most = eitherOf(permissions, { scopes: [], grants: had });
  if (!isWithin(permissionsOf([], undefined, grants), most)) throw new CodedError('FORBIDDEN');
}

async function readPolicy(
  transaction: IdentityTransaction,
  environmentId: string,
): Promise<EnvironmentPolicy> {
  const row = await transaction
    .selectFrom('environment_policy')
    .select(['public_grants', 'default_stage'])
    .where('environment_id', '=', environmentId)
    .executeTakeFirst();
  return row === undefined ? firstPolicy : policyOf(row);
}

async function writePolicy(
  { transaction, now }: OrganizationChange,
  environmentId: string,
  { publicGrants, defaultStage }: EnvironmentPolicy,
): Promise<void> {
  const columns = {
    public_grants: encodeGrants(publicGrants),
    default_stage: defaultStage,
    updated_at: now,
  };
  await transaction
    .insertInto('environment_policy')
    .values({ environment_id: environmentId, ...columns })
    .onConflict((conflict) => conflict.column('environment_id').doUpdateSet(columns))
    .execute();
}

/** The policy that a row holds. */
export function policyOf(row: {
  readonly public_grants: string;
  readonly default_stage: string;
}): EnvironmentPolicy {
  return { publicGrants: readStoredGrants(row.public_grants), defaultStage: row.default_stage };
}
