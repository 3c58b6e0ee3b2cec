import { CodedError } from '#contract/errors.ts';
import { newId } from '#contract/ids.ts';
import { assertBelow } from '../assert-below.ts';
import type { ChangeOrigin, Changes } from '../changes.ts';
import type { IdentityDatabase, IdentityTransaction } from '../database/tables.ts';
import type { Mailer } from '../mail/mailer.ts';
import {
  changeOrganization,
  type OrganizationChange,
} from '../organizations/organization-change.ts';
import { mayGiveRole, type Role } from '../rights/role.ts';
import type { IdentitySettings } from '../settings.ts';
import { readEmailAddress } from './email-address.ts';
import { invitationMail } from './invitation-mail.ts';
import { type InvitationRecord, invitationColumns, invitationOf } from './invitation-record.ts';
import { newInvitationToken } from './invitation-token.ts';
import { spendMail } from './mail-budget.ts';
import { closeInvitation, findInvitation } from './stored-invitation.ts';

export interface InvitationInput {
  readonly organizationId: string;
  readonly email: string;
  readonly role: Role;
}

/**
 * Invitations to an organization, by mail. Whoever governs sends them, up to the roles that they may give; an
 * older one to the same address is revoked.
 *
 * All throw CodedError NOT_FOUND for an unknown as for a foreign one, and FORBIDDEN.
 */
export interface Invitations {
  /** @throws CodedError BAD_USER_INPUT, ALREADY_MEMBER, LIMIT_REACHED, MAIL_UNAVAILABLE */
  invite(origin: ChangeOrigin, input: InvitationInput): Promise<InvitationRecord>;
  /**
   * Sends it with a new token and a new life; the older token opens nothing any more. From then on the caller
   * answers for it.
   * @throws CodedError INVITATION_VOID when it was answered or revoked, LIMIT_REACHED, MAIL_UNAVAILABLE
   */
  resend(origin: ChangeOrigin, id: string): Promise<InvitationRecord>;
  /** @throws CodedError INVITATION_VOID when it was answered or revoked */
  revoke(origin: ChangeOrigin, id: string): Promise<InvitationRecord>;
}

export interface InvitationsParts {
  readonly database: IdentityDatabase;
  readonly changes: Changes;
  readonly mailer: Mailer;
  readonly settings: IdentitySettings;
}

export function createInvitations(parts: InvitationsParts): Invitations {
  const { database, changes, mailer, settings } = parts;
  const lifeMs = settings.invitations.lifeHours * 3600 * 1000;

  return {
    async invite(origin, { organizationId, email: text, role }) {
      const email = readEmailAddress(text);
      const { token, hash } = newInvitationToken();
      const work = async (change: OrganizationChange) => {
        const { transaction, actor, now } = change;
        if (!mayGiveRole(change.role, role)) throw new CodedError('FORBIDDEN');
        mailer.assertAvailable();
        if (await isMember(transaction, organizationId, email)) {
          throw new CodedError('ALREADY_MEMBER');
        }
        const senderId = actor.caller.subject;
        await spendMail(
          transaction,
          { organizationId, senderId, email },
          now,
          settings.invitations,
        );
        await pending(transaction, organizationId)
          .set({ status: 'revoked' })
          .where('email', '=', email)
          .execute();
        await assertFewPending(change);
        const row = await transaction
          .insertInto('invitation')
          .values({
            id: newId('invitation'),
            organizationId,
            email,
            role,
            status: 'pending',
            createdAt: new Date(now).toISOString(),
            expiresAt: new Date(now + lifeMs).toISOString(),
            inviterId: senderId,
            token_hash: hash,
            sent_at: now,
          })
          .returning(invitationColumns)
          .executeTakeFirstOrThrow();
        return letterOf(transaction, invitationOf(row));
      };
      const wanted = { organizationId, standing: 'govern', others: [email] } as const;
      return post(await changeOrganization(changes, origin, wanted, work), token);
    },

    async resend(origin, id) {
      const { token, hash } = newInvitationToken();
      const letter = await governed(origin, id, async (change, { email }) => {
        const { transaction, organizationId, actor, now } = change;
        mailer.assertAvailable();
        const senderId = actor.caller.subject;
        await spendMail(
          transaction,
          { organizationId, senderId, email },
          now,
          settings.invitations,
        );
        const row = await transaction
          .updateTable('invitation')
          .set({
            token_hash: hash,
            sent_at: now,
            expiresAt: new Date(now + lifeMs).toISOString(),
            inviterId: senderId,
          })
          .where('id', '=', id)
          .returning(invitationColumns)
          .executeTakeFirstOrThrow();
        return letterOf(transaction, invitationOf(row));
      });
      return post(letter, token);
    },

    revoke: (origin, id) =>
      governed(origin, id, ({ transaction }) => closeInvitation(transaction, id, 'revoked')),
  };

  /** Runs `work` for somebody who may give the role of this invitation, while it is unanswered. */
  async function governed<T>(
    origin: ChangeOrigin,
    id: string,
    work: (change: OrganizationChange, invitation: InvitationRecord) => Promise<T>,
  ): Promise<T> {
    // None of these ever changes.
    const place = await database
      .selectFrom('invitation')
      .select(['organizationId', 'email'])
      .where('id', '=', id)
      .executeTakeFirst();
    if (place === undefined) throw new CodedError('NOT_FOUND');
    const { organizationId, email } = place;
    const wanted = { organizationId, standing: 'govern', others: [email] } as const;
    return changeOrganization(changes, origin, wanted, async (change) => {
      const invitation = await findInvitation(change.transaction, 'id', id);
      if (!mayGiveRole(change.role, invitation.role)) throw new CodedError('FORBIDDEN');
      if (invitation.status !== 'pending') throw new CodedError('INVITATION_VOID');
      return work(change, invitation);
    });
  }

  /** After the commit: what is mailed is there. */
  function post({ invitation, organization, inviter }: Letter, token: string): InvitationRecord {
    const { email: to, role, expiresAt } = invitation;
    const { acceptUrl } = settings.invitations;
    mailer.send(invitationMail({ to, token, role, expiresAt, organization, inviter, acceptUrl }));
    return invitation;
  }

  async function assertFewPending({ transaction, organizationId, now }: OrganizationChange) {
    const { count } = await transaction
      .selectFrom('invitation')
      .select(({ fn }) => fn.countAll<number | string>().as('count'))
      .where('organizationId', '=', organizationId)
      .where('status', '=', 'pending')
      .where('expiresAt', '>', new Date(now).toISOString())
      .executeTakeFirstOrThrow();
    assertBelow(count, 'invitations.maxPending', settings.invitations.maxPending);
  }
}

interface Letter {
  readonly invitation: InvitationRecord;
  readonly organization: { readonly name: string; readonly slug: string };
  readonly inviter: { readonly name: string; readonly email: string };
}

async function letterOf(
  transaction: IdentityTransaction,
  invitation: InvitationRecord,
): Promise<Letter> {
  const organization = await transaction
    .selectFrom('organization')
    .select(['name', 'slug'])
    .where('id', '=', invitation.organizationId)
    .executeTakeFirstOrThrow();
  const inviter = await transaction
    .selectFrom('user')
    .select(['name', 'email'])
    .where('id', '=', invitation.inviterId)
    .executeTakeFirstOrThrow();
  return { invitation, organization, inviter };
}

function pending(transaction: IdentityTransaction, organizationId: string) {
  return transaction
    .updateTable('invitation')
    .where('organizationId', '=', organizationId)
    .where('status', '=', 'pending');
}

async function isMember(
  transaction: IdentityTransaction,
  organizationId: string,
  email: string,
): Promise<boolean> {
  const row = await transaction
    .selectFrom('member')
    .innerJoin('user', 'user.id', 'member.userId')
    .select('member.id')
    .where('member.organizationId', '=', organizationId)
    .where('user.email', '=', email)
    .executeTakeFirst();
  return row !== undefined;
}
