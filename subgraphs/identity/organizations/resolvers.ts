import { CodedError } from '#contract/errors.ts';
import {
  type KnownCaller,
  type Resolvers,
  requireCaller,
  requireRight,
  requireSome,
  resolveReference,
  type SubgraphContext,
} from '#subgraphs/kit/index.ts';
import { connectionOf, type PageArguments, readPage } from '../page.ts';
import type { FindUser } from '../users/user-reader.ts';
import type { NewOrganizationInput, OrganizationInput, Organizations } from './organizations.ts';
import { personOf } from './personal-organization.ts';
import type { SeeOrganizations, VisibleOrganization } from './visible-organizations.ts';

export interface OrganizationResolverParts {
  readonly organizations: Organizations;
  readonly seeOrganizations: SeeOrganizations;
  readonly findUser: FindUser;
}

interface Named {
  readonly id: string;
}

export function organizationResolvers(parts: OrganizationResolverParts): Resolvers {
  const { organizations, seeOrganizations, findUser } = parts;

  return {
    OrganizationRole: { OWNER: 'owner', ADMIN: 'admin', MEMBER: 'member', READ_ONLY: 'read-only' },
    Query: {
      async organization(_: unknown, { id, slug }: OrganizationArguments, context) {
        const caller = mayRead(context);
        if ((id == null) === (slug == null)) {
          throw new CodedError('BAD_USER_INPUT', 'Give either "id" or "slug"');
        }
        const mine = await seeOrganizations(caller);
        const found = mine.find((each) => (id == null ? each.slug === slug : each.id === id));
        if (found === undefined) throw new CodedError('NOT_FOUND');
        return found;
      },
      async organizations(_: unknown, page: PageArguments, context) {
        const caller = mayRead(context);
        const wanted = readPage(page);
        const { after } = wanted;
        const mine = await seeOrganizations(caller);
        const rest = mine.filter(
          ({ id, createdAt }) =>
            after === null || createdAt > after.at || (createdAt === after.at && id > after.id),
        );
        return connectionOf(rest, wanted, ({ id, createdAt: at }) => ({ id, at }));
      },
    },
    Mutation: {
      async createOrganization(_: unknown, { input }: { input: NewOrganizationInput }, context) {
        return seen(context, await organizations.create(mayManage(context), input));
      },
      async updateOrganization(
        _: unknown,
        { id, input }: Named & { readonly input: OrganizationInput },
        context,
      ) {
        return seen(context, await organizations.update(mayManage(context), id, input));
      },
      deleteOrganization: (_: unknown, { id }: Named, context) =>
        organizations.delete(mayManage(context), id),
      async switchOrganization(_: unknown, { id }: Named, context) {
        return seen(context, await organizations.switchTo(mayManage(context), id));
      },
    },
    Organization: {
      __resolveReference: resolveReference(async ({ id }, context) => {
        const mine = await seeOrganizations(mayRead(context));
        return mine.find((organization) => organization.id === id) ?? null;
      }),
      isPersonal: async ({ id }: VisibleOrganization) =>
        (await findUser(personOf(id))) !== undefined,
    },
  };

  async function seen(context: SubgraphContext, id: string): Promise<VisibleOrganization> {
    return seeOrganization(seeOrganizations, context, id);
  }
}

interface OrganizationArguments {
  readonly id?: string | null;
  readonly slug?: string | null;
}

/** One of the caller's organizations. @throws CodedError NOT_FOUND for an unknown as for a foreign one */
export async function seeOrganization(
  seeOrganizations: SeeOrganizations,
  context: SubgraphContext,
  id: string,
): Promise<VisibleOrganization> {
  const mine = await seeOrganizations(requireCaller(context));
  const found = mine.find((organization) => organization.id === id);
  if (found === undefined) throw new CodedError('NOT_FOUND');
  return found;
}

/** For a session, what its person may do in the organization at hand is looked up where it is changed. */
export function mayManage(context: SubgraphContext): SubgraphContext {
  const { kind } = requireCaller(context);
  if (kind !== 'session') {
    requireRight(context, 'MANAGE', { subgraph: 'identity', type: 'Organization' });
  }
  return context;
}

function mayRead(context: SubgraphContext): KnownCaller {
  const caller = requireCaller(context);
  requireSome(context, { subgraph: 'identity', type: 'Organization' });
  return caller;
}
