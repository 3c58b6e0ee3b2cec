import { CodedError } from '#contract/errors.ts';
import { type Resolvers, requireSome } from '#subgraphs/kit/index.ts';
import { connectionOf, type PageArguments, readPage } from '../page.ts';
import type { Role } from '../rights/role.ts';
import type { FindUser } from '../users/user-reader.ts';
import { type MemberReader, type MemberRecord, placeOfMember } from './member-reader.ts';
import type { Members, Membership } from './members.ts';
import { mayManage, seeOrganization } from './resolvers.ts';
import type { SeeOrganizations, VisibleOrganization } from './visible-organizations.ts';

export interface MemberResolverParts {
  readonly members: Members;
  readonly reader: MemberReader;
  readonly seeOrganizations: SeeOrganizations;
  readonly findUser: FindUser;
}

export function memberResolvers(parts: MemberResolverParts): Resolvers {
  const { members, reader, seeOrganizations, findUser } = parts;

  async function memberNow({ organizationId, userId }: Membership): Promise<MemberRecord> {
    const member = await reader.find(organizationId, userId);
    if (member === undefined) throw new CodedError('NOT_FOUND');
    return member;
  }

  return {
    Mutation: {
      async changeMemberRole(
        _: unknown,
        { role, ...membership }: Membership & { readonly role: Role },
        context,
      ) {
        await members.changeRole(mayManage(context), membership, role);
        return memberNow(membership);
      },
      async removeMember(_: unknown, membership: Membership, context) {
        await members.remove(mayManage(context), membership);
        return membership.userId;
      },
      async leaveOrganization(_: unknown, { id }: { readonly id: string }, context) {
        await members.leave(mayManage(context), id);
        return id;
      },
      async suspendMember(_: unknown, membership: Membership, context) {
        await members.suspend(mayManage(context), membership);
        return memberNow(membership);
      },
      async reactivateMember(_: unknown, membership: Membership, context) {
        await members.reactivate(mayManage(context), membership);
        return memberNow(membership);
      },
      async transferOwnership(_: unknown, membership: Membership, context) {
        await members.transferOwnership(mayManage(context), membership);
        return seeOrganization(seeOrganizations, context, membership.organizationId);
      },
    },
    Organization: {
      async members({ id }: VisibleOrganization, page: PageArguments, context) {
        requireSome(context, { subgraph: 'identity', type: 'Member' });
        const wanted = readPage(page);
        return connectionOf(await reader.list(id, wanted), wanted, placeOfMember);
      },
    },
    Member: {
      user: async ({ userId }: MemberRecord) => (await findUser(userId)) ?? null,
    },
  };
}
