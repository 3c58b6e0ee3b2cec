import { CodedError } from '#contract/errors.ts';
import {
  type Resolvers,
  requireCaller,
  requireRight,
  resolveReference,
  type SubgraphContext,
} from '#subgraphs/kit/index.ts';
import type { FindOrganizations } from '../organizations/organization-reader.ts';
import type { SeeOrganizations } from '../organizations/visible-organizations.ts';
import type { FindUser, UserRecord } from './user-reader.ts';

export interface UserParts {
  readonly findUser: FindUser;
  readonly findOrganizations: FindOrganizations;
  readonly seeOrganizations: SeeOrganizations;
}

export function userResolvers(parts: UserParts): Resolvers {
  const { findUser, findOrganizations, seeOrganizations } = parts;

  async function me(_: unknown, __: unknown, context: SubgraphContext): Promise<UserRecord> {
    const { subject } = requireCaller(context);
    mayRead(context);
    const user = await findUser(subject);
    // A credential of somebody who is gone is no credential.
    if (user === undefined) throw new CodedError('UNAUTHENTICATED');
    return user;
  }

  /** The organizations of `user` that the caller may know of: their own, or the ones that both are in. */
  async function visibleOrganizations(user: UserRecord, context: SubgraphContext) {
    if (context.caller.subject === null) return [];
    const caller = requireCaller(context);
    const mine = await seeOrganizations(caller);
    if (caller.subject === user.id) return mine;
    const theirs = await findOrganizations(user.id);
    return mine.filter(({ id }) => theirs.some((organization) => organization.id === id));
  }

  return {
    Query: { me, viewer: me },
    User: {
      __resolveReference: resolveReference(async ({ id }, context) => {
        mayRead(context);
        return (await findUser(id)) ?? null;
      }),
      async email(user: UserRecord, _: unknown, context) {
        if (context.caller.subject === user.id) return user.email;
        const shared = await visibleOrganizations(user, context);
        return shared.length > 0 ? user.email : null;
      },
      organizations: (user: UserRecord, _: unknown, context) => visibleOrganizations(user, context),
    },
  };
}

function mayRead(context: SubgraphContext): void {
  requireRight(context, 'READ', { subgraph: 'identity', type: 'User' });
}
