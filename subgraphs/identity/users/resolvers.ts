import { CodedError } from '#contract/errors.ts';
import {
  type Resolvers,
  requireCaller,
  requireSome,
  resolveReference,
  type SubgraphContext,
} from '#subgraphs/kit/index.ts';
import type { FindOrganizations } from '../organizations/organization-reader.ts';
import type { SeeOrganizations } from '../organizations/visible-organizations.ts';
import type { ServiceAccountReader } from '../service-accounts/service-account-reader.ts';
import type { ServiceAccountRecord } from '../service-accounts/service-account-record.ts';
import type { FindUser, UserRecord } from './user-reader.ts';

export interface UserParts {
  readonly findUser: FindUser;
  readonly findOrganizations: FindOrganizations;
  readonly seeOrganizations: SeeOrganizations;
  readonly accounts: ServiceAccountReader;
}

export function userResolvers(parts: UserParts): Resolvers {
  const { findUser, findOrganizations, seeOrganizations, accounts } = parts;

  async function viewer(_: unknown, __: unknown, context: SubgraphContext): Promise<Somebody> {
    const { subject } = requireCaller(context);
    mayRead(context);
    const somebody = (await findUser(subject)) ?? (await findAccount(subject, context));
    // A credential of somebody who is gone is no credential.
    if (somebody === undefined) throw new CodedError('UNAUTHENTICATED');
    return somebody;
  }

  async function me(_: unknown, __: unknown, context: SubgraphContext): Promise<Somebody | null> {
    const somebody = await viewer(_, __, context);
    return somebody.serviceAccount === undefined ? somebody : null;
  }

  /** A service account in a person's place, for those in its organization. */
  async function findAccount(id: string, { caller }: SubgraphContext) {
    const account = await accounts.find(id);
    if (account === undefined || account.organizationId !== caller.organization) return undefined;
    const { name, createdAt } = account;
    return { id, name, email: null, createdAt, serviceAccount: account };
  }

  /** The organizations of `user` that the caller may know of: their own, or the ones that both are in. */
  async function visibleOrganizations(user: Somebody, context: SubgraphContext) {
    if (context.caller.subject === null) return [];
    const caller = requireCaller(context);
    const mine = await seeOrganizations(caller);
    if (caller.subject === user.id) return mine;
    const theirs = await findOrganizations(user.id);
    return mine.filter(({ id }) => theirs.some((organization) => organization.id === id));
  }

  return {
    Query: { me, viewer },
    User: {
      __resolveReference: resolveReference(async ({ id }, context) => {
        mayRead(context);
        return (await findUser(id)) ?? (await findAccount(id, context)) ?? null;
      }),
      async email(user: Somebody, _: unknown, context) {
        if (context.caller.subject === user.id) return user.email;
        const shared = await visibleOrganizations(user, context);
        return shared.length > 0 ? user.email : null;
      },
      organizations: (user: Somebody, _: unknown, context) => visibleOrganizations(user, context),
      serviceAccount: ({ serviceAccount }: Somebody) => serviceAccount ?? null,
    },
  };
}

/** A person, or a service account in the place of one. */
type Somebody = Omit<UserRecord, 'email'> & {
  readonly email: string | null;
  readonly serviceAccount?: ServiceAccountRecord;
};

function mayRead(context: SubgraphContext): void {
  requireSome(context, { subgraph: 'identity', type: 'User' });
}
