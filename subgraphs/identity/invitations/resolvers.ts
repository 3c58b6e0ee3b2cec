import type { Clock } from '#contract/clock.ts';
import { CodedError } from '#contract/errors.ts';
import { type Resolvers, requireCaller, requireSome } from '#subgraphs/kit/index.ts';
import { mayManage, seeOrganization } from '../organizations/resolvers.ts';
import type {
  SeeOrganizations,
  VisibleOrganization,
} from '../organizations/visible-organizations.ts';
import { connectionOf, type PageArguments, readPage } from '../page.ts';
import { isGoverning, type Role } from '../rights/role.ts';
import type { FindUser } from '../users/user-reader.ts';
import type { InvitationAnswers } from './invitation-answers.ts';
import { type ListInvitations, placeOfInvitation } from './invitation-reader.ts';
import type { InvitationRecord } from './invitation-record.ts';
import type { Invitations } from './invitations.ts';

export interface InvitationResolverParts {
  readonly invitations: Invitations;
  readonly answers: InvitationAnswers;
  readonly list: ListInvitations;
  readonly seeOrganizations: SeeOrganizations;
  readonly findUser: FindUser;
  readonly clock: Clock;
}

interface InviteArguments {
  readonly input: {
    readonly organizationId?: string | null;
    readonly email: string;
    readonly role?: Role | null;
  };
}

interface Named {
  readonly id: string;
}

interface WithToken {
  readonly token: string;
}

export function invitationResolvers(parts: InvitationResolverParts): Resolvers {
  const { invitations, answers, list, seeOrganizations, findUser, clock } = parts;
  return {
    Mutation: {
      async inviteMember(_: unknown, { input }: InviteArguments, context) {
        const { organization } = requireCaller(mayManage(context));
        const organizationId = input.organizationId ?? organization ?? '';
        const role = input.role ?? 'member';
        return invitations.invite(context, { organizationId, email: input.email, role });
      },
      resendInvitation: (_: unknown, { id }: Named, context) =>
        invitations.resend(mayManage(context), id),
      revokeInvitation: (_: unknown, { id }: Named, context) =>
        invitations.revoke(mayManage(context), id),
      async acceptInvitation(_: unknown, { token }: WithToken, context) {
        const id = await answers.accept(mayManage(context), token);
        return seeOrganization(seeOrganizations, context, id);
      },
      declineInvitation: (_: unknown, { token }: WithToken, context) =>
        answers.decline(mayManage(context), token),
    },
    Organization: {
      async invitations({ id, role }: VisibleOrganization, page: PageArguments, context) {
        requireSome(context, { subgraph: 'identity', type: 'Invitation' });
        if (!isGoverning(role)) throw new CodedError('FORBIDDEN');
        const wanted = readPage(page);
        return connectionOf(await list(id, wanted), wanted, placeOfInvitation);
      },
    },
    Invitation: {
      status: ({ status, expiresAt }: InvitationRecord) =>
        status === 'pending' && expiresAt <= clock.now() ? 'EXPIRED' : status.toUpperCase(),
      invitedBy: async ({ inviterId }: InvitationRecord) => (await findUser(inviterId)) ?? null,
    },
  };
}
