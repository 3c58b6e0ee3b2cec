import type { IdentityDatabase } from '../database/tables.ts';
import type { PageRequest, Place } from '../page.ts';
import { type InvitationRecord, invitationColumns, invitationOf } from './invitation-record.ts';

/** The invitations of an organization, newest first; one more than the page wants when there are more. */
export type ListInvitations = (
  organizationId: string,
  page: PageRequest,
) => Promise<readonly InvitationRecord[]>;

export function createInvitationReader(database: IdentityDatabase): ListInvitations {
  return async (organizationId, { first, after }) => {
    let query = database
      .selectFrom('invitation')
      .select(invitationColumns)
      .where('organizationId', '=', organizationId)
      .orderBy('createdAt', 'desc')
      .orderBy('id', 'desc')
      .limit(first + 1);
    if (after !== null) {
      const at = new Date(after.at).toISOString();
      query = query.where((is) =>
        is.or([
          is('createdAt', '<', at),
          is.and([is('createdAt', '=', at), is('id', '<', after.id)]),
        ]),
      );
    }
    return (await query.execute()).map(invitationOf);
  };
}

export function placeOfInvitation({ createdAt, id }: InvitationRecord): Place {
  return { at: createdAt, id };
}
