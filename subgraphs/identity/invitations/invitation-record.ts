import type { Selectable } from 'kysely';
import { type InvitationTable, timeOf } from '../database/tables.ts';
import { type Role, readRole } from '../rights/role.ts';

/** An invitation as the graph shows it: everything but its token. Times are milliseconds since the epoch. */
export interface InvitationRecord {
  readonly id: string;
  readonly organizationId: string;
  readonly email: string;
  readonly role: Role;
  readonly status: InvitationTable['status'];
  readonly inviterId: string;
  readonly createdAt: number;
  readonly sentAt: number;
  readonly expiresAt: number;
}

/** The columns that a record is made of. The hash is not among them. */
export const invitationColumns = [
  'id',
  'organizationId',
  'email',
  'role',
  'status',
  'inviterId',
  'createdAt',
  'sent_at',
  'expiresAt',
] as const satisfies readonly (keyof InvitationTable)[];

export function invitationOf(
  row: Pick<Selectable<InvitationTable>, (typeof invitationColumns)[number]>,
): InvitationRecord {
  const { sent_at: sentAt, createdAt, expiresAt, role, ...rest } = row;
  return {
    ...rest,
    // A role that nobody knows gives nothing; the least that there is stands for it.
    role: readRole(role) ?? 'read-only',
    createdAt: timeOf(createdAt),
    sentAt,
    expiresAt: timeOf(expiresAt),
  };
}
