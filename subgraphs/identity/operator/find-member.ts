import { CodedError } from '#contract/errors.ts';
import type { IdentityDatabase } from '../database/tables.ts';
import { personalIds } from '../organizations/personal-organization.ts';

/** Somebody in an organization. */
export interface Membership {
  readonly subject: string;
  readonly organization: string | null;
}

/**
 * A person by their e-mail address, in the organization that is named, or in their own.
 * @throws CodedError NOT_FOUND, also when they are no member of it
 */
export async function findPerson(
  database: IdentityDatabase,
  email: string,
  organization?: string,
): Promise<Membership> {
  const user = await database
    .selectFrom('user')
    .select('id')
    .where('email', '=', email.toLowerCase())
    .executeTakeFirst();
  if (user === undefined) throw new CodedError('NOT_FOUND', 'Nobody has this e-mail address');
  const member = await database
    .selectFrom('member')
    .select('organizationId')
    .where('userId', '=', user.id)
    .where('organizationId', '=', organization ?? personalIds(user.id).organization)
    .executeTakeFirst();
  if (member === undefined) {
    throw new CodedError('NOT_FOUND', 'They are no member of this organization');
  }
  return { subject: user.id, organization: member.organizationId };
}

/** @throws CodedError NOT_FOUND */
export async function findAccount(database: IdentityDatabase, id: string): Promise<Membership> {
  const account = await database
    .selectFrom('service_account')
    .select('organization_id')
    .where('id', '=', id)
    .executeTakeFirst();
  if (account === undefined) throw new CodedError('NOT_FOUND', 'There is no such service account');
  return { subject: id, organization: account.organization_id };
}

/**
 * An organization, as whoever runs the store acts for it: in nobody's name.
 * @throws CodedError NOT_FOUND
 */
export async function findOrganization(
  database: IdentityDatabase,
  id: string,
): Promise<Membership> {
  const organization = await database
    .selectFrom('organization')
    .select('id')
    .where('id', '=', id)
    .executeTakeFirst();
  if (organization === undefined) {
    throw new CodedError('NOT_FOUND', 'There is no such organization');
  }
  return { subject: id, organization: id };
}
