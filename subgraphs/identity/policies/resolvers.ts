import type { Grant } from '#contract/permissions/grant.ts';
import { encodeGrant } from '#contract/permissions/make-grant.ts';
import { type Resolvers, requireSome, type SubgraphContext } from '#subgraphs/kit/index.ts';
import { mayManage } from '../organizations/resolvers.ts';
import type { VisibleOrganization } from '../organizations/visible-organizations.ts';
import type { EnvironmentRecord } from '../projects/project-record.ts';
import type { EnvironmentPolicies, PublicPermissionsInput } from './environment-policies.ts';
import type { PolicyReader } from './policy-reader.ts';
import type { RoleGrantsInput, RolePolicies } from './role-policies.ts';
import type { ScopeInput, Scopes } from './scopes.ts';

export interface PolicyResolverParts {
  readonly scopes: Scopes;
  readonly roles: RolePolicies;
  readonly environments: EnvironmentPolicies;
  readonly reader: PolicyReader;
}

interface ScopeName {
  readonly organizationId: string;
  readonly name: string;
}

interface InEnvironment {
  readonly environmentId: string;
}

export function policyResolvers({
  scopes,
  roles,
  environments,
  reader,
}: PolicyResolverParts): Resolvers {
  return {
    Mutation: {
      defineScope: (_: unknown, input: ScopeInput, context) =>
        scopes.define(mayManage(context), input),
      removeScope: (_: unknown, { organizationId, name }: ScopeName, context) =>
        scopes.remove(mayManage(context), organizationId, name),
      setRoleGrants: (_: unknown, input: RoleGrantsInput, context) =>
        roles.set(mayManage(context), input),
      setPublicPermissions: (_: unknown, input: PublicPermissionsInput, context) =>
        environments.setPublic(mayManage(context), input),
      initializePublicPermissions: (_: unknown, { environmentId }: InEnvironment, context) =>
        environments.initializePublic(mayManage(context), environmentId),
      setDefaultStage: (
        _: unknown,
        { environmentId, stage }: InEnvironment & { readonly stage: string },
        context,
      ) => environments.setDefaultStage(mayManage(context), environmentId, stage),
    },
    Organization: {
      scopes({ id }: VisibleOrganization, _: unknown, context) {
        mayRead(context);
        return reader.scopesOf(id);
      },
      roleGrants({ id }: VisibleOrganization, _: unknown, context) {
        mayRead(context);
        return reader.roleGrantsOf(id);
      },
    },
    // Whoever came to see the environment may see these.
    Environment: {
      publicPermissions: async ({ id }: EnvironmentRecord) =>
        (await reader.policyOf(id)).publicGrants.map(encodeGrant),
      defaultStage: async ({ id }: EnvironmentRecord) => (await reader.policyOf(id)).defaultStage,
    },
    OrganizationScope: { grants: grantsAsJson },
    RoleGrants: { grants: grantsAsJson },
  };
}

function grantsAsJson({ grants }: { readonly grants: readonly Grant[] }) {
  return grants.map(encodeGrant);
}

function mayRead(context: SubgraphContext): void {
  requireSome(context, { subgraph: 'identity', type: 'Organization' });
}
