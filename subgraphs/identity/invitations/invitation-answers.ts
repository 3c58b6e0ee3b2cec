import { CodedError } from '#contract/errors.ts';
import { newId } from '#contract/ids.ts';
import { assertBelow } from '../assert-below.ts';
import type { Change, ChangeOrigin, Changes } from '../changes.ts';
import type { IdentityDatabase } from '../database/tables.ts';
import { requireSession } from '../organizations/organization-change.ts';
import { readLiveRights } from '../rights/live-rights.ts';
import { mayGiveRole } from '../rights/role.ts';
import type { IdentitySettings } from '../settings.ts';
import type { InvitationRecord } from './invitation-record.ts';
import { hashOfToken } from './invitation-token.ts';
import { closeInvitation, findInvitation } from './stored-invitation.ts';

/** What an invited person can do. */
export interface InvitationAnswers {
  /**
   * Makes the caller a member; answers the organization's id. The token came by mail to the invited address and
   * the caller's account has that address: this proves it, whether it was verified before or not.
   * @throws CodedError NOT_FOUND for an unknown token; FORBIDDEN for another address, and for a key;
   * INVITATION_VOID when it was used, revoked, is too old, or its sender may not give this role any more;
   * ALREADY_MEMBER; LIMIT_REACHED
   */
  accept(origin: ChangeOrigin, token: string): Promise<string>;
  /** Turns it down; answers its id. @throws CodedError as `accept` does */
  decline(origin: ChangeOrigin, token: string): Promise<string>;
}

export interface InvitationAnswersParts {
  readonly database: IdentityDatabase;
  readonly changes: Changes;
  readonly settings: IdentitySettings;
}

export function createInvitationAnswers(parts: InvitationAnswersParts): InvitationAnswers {
  const { database, changes, settings } = parts;
  return {
    async accept(origin, token) {
      return answer(origin, token, async ({ transaction, actor, now }, invitation) => {
        const { organizationId, role } = invitation;
        const userId = actor.caller.subject;
        const known = await transaction
          .selectFrom('member')
          .select('id')
          .where('organizationId', '=', organizationId)
          .where('userId', '=', userId)
          .executeTakeFirst();
        if (known !== undefined) throw new CodedError('ALREADY_MEMBER');
        const { count } = await transaction
          .selectFrom('member')
          .select(({ fn }) => fn.countAll<number | string>().as('count'))
          .where('organizationId', '=', organizationId)
          .executeTakeFirstOrThrow();
        const { maxMembers } = settings.organizations;
        assertBelow(count, 'organizations.maxMembers', maxMembers);
        await transaction
          .insertInto('member')
          .values({
            id: newId('member'),
            organizationId,
            userId,
            role,
            createdAt: new Date(now).toISOString(),
          })
          .execute();
        await closeInvitation(transaction, invitation.id, 'accepted');
        return organizationId;
      });
    },

    decline: (origin, token) =>
      answer(origin, token, async ({ transaction }, { id }) => {
        await closeInvitation(transaction, id, 'declined');
        return id;
      }),
  };

  /** Runs `work` for the invited person, while the invitation holds. */
  async function answer<T>(
    origin: ChangeOrigin,
    token: string,
    work: (change: Change, invitation: InvitationRecord) => Promise<T>,
  ): Promise<T> {
    const person = requireSession(origin);
    const hash = hashOfToken(token);
    const place = await database
      .selectFrom('invitation')
      .select('organizationId')
      .where('token_hash', '=', hash)
      .executeTakeFirst();
    return changes.run(
      person,
      async (change) => {
        const { transaction, actor, now } = change;
        const invitation = await findInvitation(transaction, 'token_hash', hash);
        const person = await transaction
          .selectFrom('user')
          .select('email')
          .where('id', '=', actor.caller.subject)
          .executeTakeFirstOrThrow();
        if (person.email.toLowerCase() !== invitation.email) {
          throw new CodedError('FORBIDDEN', 'This invitation is for another e-mail address');
        }
        const isLate = invitation.expiresAt <= now;
        if (invitation.status !== 'pending' || isLate) throw new CodedError('INVITATION_VOID');
        const { inviterId, organizationId } = invitation;
        const inviter = await readLiveRights(transaction, inviterId, organizationId);
        if (!mayGiveRole(inviter?.role ?? null, invitation.role)) {
          throw new CodedError('INVITATION_VOID');
        }
        return work(change, invitation);
      },
      place === undefined ? [] : [place.organizationId],
    );
  }
}
