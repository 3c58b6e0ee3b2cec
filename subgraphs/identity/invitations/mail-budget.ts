import { newId } from '#contract/ids.ts';
import { assertBelow } from '../assert-below.ts';
import type { IdentityTransaction } from '../database/tables.ts';
import type { IdentitySettings } from '../settings.ts';

const DAY_MS = 24 * 3600 * 1000;

export interface InvitationLetter {
  readonly organizationId: string;
  readonly senderId: string;
  readonly email: string;
}

/**
 * Counts a mail against what may be sent in a day: by an organization, by a person, and to an address.
 * @throws CodedError LIMIT_REACHED
 */
export async function spendMail(
  transaction: IdentityTransaction,
  { organizationId, senderId, email }: InvitationLetter,
  now: number,
  { maxPerDay, maxPerAddress }: IdentitySettings['invitations'],
): Promise<void> {
  // The sender's alone, who does nothing else meanwhile: two that clear up at once could wait for each other.
  await transaction
    .deleteFrom('invitation_mail')
    .where('sender_id', '=', senderId)
    .where('at', '<=', now - DAY_MS)
    .execute();
  const sent = transaction
    .selectFrom('invitation_mail')
    .where('at', '>', now - DAY_MS)
    .select(({ fn }) => fn.countAll<number | string>().as('count'));
  for (const [query, limit, max] of [
    [sent.where('organization_id', '=', organizationId), 'invitations.maxPerDay', maxPerDay],
    [sent.where('sender_id', '=', senderId), 'invitations.maxPerDay', maxPerDay],
    [sent.where('email', '=', email), 'invitations.maxPerAddress', maxPerAddress],
  ] as const) {
    const { count } = await query.executeTakeFirstOrThrow();
    assertBelow(count, limit, max);
  }
  await transaction
    .insertInto('invitation_mail')
    .values({
      id: newId('mail'),
      organization_id: organizationId,
      sender_id: senderId,
      email,
      at: now,
    })
    .execute();
}
