import type { Mail } from '../mail/mailer.ts';
import { withoutLinks } from '../mail/without-links.ts';
import type { Role } from '../rights/role.ts';

export interface InvitationText {
  readonly to: string;
  readonly token: string;
  readonly role: Role;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
  readonly organization: { readonly name: string; readonly slug: string };
  readonly inviter: { readonly name: string; readonly email: string };
  readonly acceptUrl: string | undefined;
}

/** The mail that brings an invitation. It is the only place where its token is. */
export function invitationMail(invitation: InvitationText): Mail {
  const { to, token, role, expiresAt, organization, inviter, acceptUrl } = invitation;
  const name = withoutLinks(organization.name, organization.slug);
  const who = `${withoutLinks(inviter.name, 'A member')} <${inviter.email}>`;
  const how =
    acceptUrl === undefined
      ? [
          'To accept it, sign in with this address and run:',
          '',
          `  mutation { acceptInvitation(token: "${token}") { name } }`,
        ]
      : [
          'To accept it, open this page and sign in with this address:',
          '',
          `  ${acceptUrl}#${token}`,
        ];
  return {
    kind: 'invitation',
    to,
    subject: `You are invited to ${name}`,
    text: [
      `${who} invites you to the organization "${name}" as ${role}.`,
      '',
      ...how,
      '',
      `The invitation holds until ${new Date(expiresAt).toISOString()} and can be used once.`,
      'If you expected none, there is nothing to do.',
      '',
    ].join('\n'),
  };
}
