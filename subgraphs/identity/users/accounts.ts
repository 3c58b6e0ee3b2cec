import { CodedError } from '#contract/errors.ts';
import type { Actor } from '../actors/read-actor.ts';
import type { ChangeOrigin, Changes } from '../changes.ts';
import type { IdentityTransaction } from '../database/tables.ts';
import { personalIds } from '../organizations/personal-organization.ts';

/** What is done to a whole account. */
export interface Accounts {
  /**
   * Deletes the caller's account with all that opens it and their personal organization. What the log says of them
   * stays, and so do the records of their keys, which stop.
   * @throws CodedError BAD_USER_INPUT while others depend on them, UNAUTHENTICATED
   */
  delete(origin: ChangeOrigin): Promise<string>;
  /**
   * Has an account do nothing until it is restored, and ends its sessions. For owners of the deployment.
   * @throws CodedError FORBIDDEN, NOT_FOUND, BAD_USER_INPUT for another owner of the deployment, UNAUTHENTICATED
   */
  suspend(origin: ChangeOrigin, id: string): Promise<string>;
  /** Undoes it. @throws CodedError FORBIDDEN, NOT_FOUND, UNAUTHENTICATED */
  restore(origin: ChangeOrigin, id: string): Promise<string>;
}

export function createAccounts(changes: Changes): Accounts {
  return {
    delete: (origin) =>
      changes.run(origin, async ({ transaction, actor }) => {
        const { subject } = actor.caller;
        const { organization } = personalIds(subject);
        await assertNobodyDepends(transaction, subject, organization);
        await transaction.deleteFrom('organization').where('id', '=', organization).execute();
        await transaction.deleteFrom('verification').where('value', '=', subject).execute();
        await transaction.deleteFrom('user').where('id', '=', subject).execute();
        return subject;
      }),
    suspend: (origin, id) =>
      changes.run(origin, async ({ transaction, actor, now }) => {
        await assertOwnsDeployment(transaction, actor);
        if (await ownsDeployment(transaction, id)) {
          throw new CodedError('BAD_USER_INPUT', 'An owner of the deployment cannot be suspended');
        }
        await setSuspended(transaction, id, new Date(now).toISOString());
        await transaction.deleteFrom('session').where('userId', '=', id).execute();
        return id;
      }),
    restore: (origin, id) =>
      changes.run(origin, async ({ transaction, actor }) => {
        await assertOwnsDeployment(transaction, actor);
        await setSuspended(transaction, id, null);
        return id;
      }),
  };
}

/** Nobody is left in an organization that nobody owns. */
async function assertNobodyDepends(
  transaction: IdentityTransaction,
  subject: string,
  personal: string,
): Promise<void> {
  const memberships = await transaction
    .selectFrom('member as mine')
    .innerJoin('member as other', 'other.organizationId', 'mine.organizationId')
    .innerJoin('organization', 'organization.id', 'mine.organizationId')
    .select(['organization.id', 'organization.name', 'other.userId', 'other.role'])
    .where('mine.userId', '=', subject)
    .where('mine.role', '=', 'owner')
    .execute();
  const owned = Map.groupBy(memberships, ({ id }) => id);
  for (const [id, members] of owned) {
    const others = members.filter(({ userId }) => userId !== subject);
    if (others.some(({ role }) => role === 'owner') && id !== personal) continue;
    if (id === personal && others.length === 0) continue;
    throw new CodedError(
      'BAD_USER_INPUT',
      `The organization "${members[0]?.name}" is left to nobody; give it to somebody else or remove it first`,
    );
  }
}

async function assertOwnsDeployment(
  transaction: IdentityTransaction,
  { caller, isInPerson }: Actor,
): Promise<void> {
  if (!isInPerson || !(await ownsDeployment(transaction, caller.subject))) {
    throw new CodedError('FORBIDDEN');
  }
}

async function ownsDeployment(transaction: IdentityTransaction, id: string): Promise<boolean> {
  const row = await transaction
    .selectFrom('deployment_owner')
    .select('user_id')
    .where('user_id', '=', id)
    .executeTakeFirst();
  return row !== undefined;
}

async function setSuspended(
  transaction: IdentityTransaction,
  id: string,
  suspendedAt: string | null,
): Promise<void> {
  const { numUpdatedRows } = await transaction
    .updateTable('user')
    .set({ suspendedAt })
    .where('id', '=', id)
    .executeTakeFirst();
  if (numUpdatedRows === 0n) throw new CodedError('NOT_FOUND');
}
