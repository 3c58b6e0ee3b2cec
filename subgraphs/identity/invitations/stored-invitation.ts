import { CodedError } from '#contract/errors.ts';
import type { IdentityTransaction } from '../database/tables.ts';
import { type InvitationRecord, invitationColumns, invitationOf } from './invitation-record.ts';

/** @throws CodedError NOT_FOUND */
export async function findInvitation(
  transaction: IdentityTransaction,
  column: 'id' | 'token_hash',
  value: string,
): Promise<InvitationRecord> {
  const row = await transaction
    .selectFrom('invitation')
    .select(invitationColumns)
    .where(column, '=', value)
    .executeTakeFirst();
  if (row === undefined) throw new CodedError('NOT_FOUND');
  return invitationOf(row);
}

/**
 * Ends an invitation, once.
 * @throws CodedError INVITATION_VOID when that has happened before
 */
export async function closeInvitation(
  transaction: IdentityTransaction,
  id: string,
  status: 'accepted' | 'declined' | 'revoked',
): Promise<InvitationRecord> {
  const row = await transaction
    .updateTable('invitation')
    .set({ status })
    .where('id', '=', id)
    .where('status', '=', 'pending')
    .returning(invitationColumns)
    .executeTakeFirst();
  if (row === undefined) throw new CodedError('INVITATION_VOID');
  return invitationOf(row);
}
