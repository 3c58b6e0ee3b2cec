import type { Grant } from '#contract/permissions/grant.ts';
import { encodeGrant } from '#contract/permissions/make-grant.ts';
import { type Resolvers, requireRight, type SubgraphContext } from '#subgraphs/kit/index.ts';
import { mayManage } from '../organizations/resolvers.ts';
import type { VisibleOrganization } from '../organizations/visible-organizations.ts';
import type { PolicyReader } from './policy-reader.ts';
import type { RoleGrantsInput, RolePolicies } from './role-policies.ts';
import type { ScopeInput, Scopes } from './scopes.ts';

export interface PolicyResolverParts {
  readonly scopes: Scopes;
  readonly roles: RolePolicies;
  readonly reader: PolicyReader;
}

interface ScopeName {
  readonly organizationId: string;
  readonly name: string;
}

export function policyResolvers({ scopes, roles, reader }: PolicyResolverParts): Resolvers {
  return {
    Mutation: {
      defineScope: (_: unknown, input: ScopeInput, context) =>
        scopes.define(mayManage(context), input),
      removeScope: (_: unknown, { organizationId, name }: ScopeName, context) =>
        scopes.remove(mayManage(context), organizationId, name),
      setRoleGrants: (_: unknown, input: RoleGrantsInput, context) =>
        roles.set(mayManage(context), input),
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
    OrganizationScope: { grants: grantsAsJson },
    RoleGrants: { grants: grantsAsJson },
  };
}

function grantsAsJson({ grants }: { readonly grants: readonly Grant[] }) {
  return grants.map(encodeGrant);
}

function mayRead(context: SubgraphContext): void {
  requireRight(context, 'READ', { subgraph: 'identity', type: 'Organization' });
}
