import { CodedError } from '#contract/errors.ts';
import type { ChangeOrigin, Changes } from '../changes.ts';
import type { IdentityTransaction } from '../database/tables.ts';
import { mayGiveRole, type Role, readRole } from '../rights/role.ts';
import {
  changeOrganization,
  type OrganizationChange,
  requireSession,
} from './organization-change.ts';
import { personalIds } from './personal-organization.ts';

/** A person in an organization. */
export interface Membership {
  readonly organizationId: string;
  readonly userId: string;
}

/**
 * What can be done with the members of an organization. Owners govern everybody, admins the members and those
 * who only read; nobody else governs. One owner at least is always left.
 *
 * All throw CodedError NOT_FOUND for an unknown or foreign organization or member, FORBIDDEN, LAST_OWNER, and
 * PERSONAL_ORGANIZATION where it is about the person of a personal one.
 */
export interface Members {
  changeRole(origin: ChangeOrigin, membership: Membership, role: Role): Promise<void>;
  /** Takes somebody out, and ends their keys in this organization for good. */
  remove(origin: ChangeOrigin, membership: Membership): Promise<void>;
  /** Takes the caller out, and ends their keys in this organization for good. A key cannot do it. */
  leave(origin: ChangeOrigin, organizationId: string): Promise<void>;
  /** Takes all rights in this organization away from somebody and their keys, until they get them back. */
  suspend(origin: ChangeOrigin, membership: Membership): Promise<void>;
  reactivate(origin: ChangeOrigin, membership: Membership): Promise<void>;
  /** Makes another member the owner and the caller an admin. A key cannot do it. */
  transferOwnership(origin: ChangeOrigin, membership: Membership): Promise<void>;
}

export function createMembers(changes: Changes): Members {
  return {
    async changeRole(origin, membership, role) {
      await govern(origin, membership, async (change, target) => {
        if (!mayGiveRole(change.role, role)) throw new CodedError('FORBIDDEN');
        if (target.role === role) return;
        await assertExpendable(change, target);
        await memberOf(change.transaction, membership).set({ role }).execute();
      });
    },

    async remove(origin, membership) {
      const others = [membership.userId];
      await govern(origin, membership, takeOut, others);
    },

    async leave(origin, organizationId) {
      const person = requireSession(origin);
      const wanted = { organizationId, standing: 'belong' } as const;
      await changeOrganization(changes, person, wanted, async (change) => {
        const target = await findTarget(change, change.actor.caller.subject);
        await takeOut(change, target);
      });
    },

    async suspend(origin, membership) {
      await govern(origin, membership, async (change, target) => {
        if (target.userId === change.actor.caller.subject) {
          throw new CodedError('BAD_USER_INPUT', 'Nobody can suspend themselves');
        }
        await assertExpendable(change, target);
        await memberOf(change.transaction, membership)
          .set({ suspended_at: change.now })
          .where('suspended_at', 'is', null)
          .execute();
      });
    },

    async reactivate(origin, membership) {
      await govern(origin, membership, async ({ transaction }) => {
        await memberOf(transaction, membership).set({ suspended_at: null }).execute();
      });
    },

    async transferOwnership(origin, membership) {
      const person = requireSession(origin);
      const { organizationId, userId } = membership;
      const wanted = { organizationId, standing: 'own' } as const;
      await changeOrganization(changes, person, wanted, async (change) => {
        const { subject } = change.actor.caller;
        const heir = await findTarget(change, userId);
        const owner = await findTarget(change, subject);
        if (userId === subject) {
          throw new CodedError('BAD_USER_INPUT', 'The ownership needs another member to go to');
        }
        if (heir.isSuspended) throw new CodedError('BAD_USER_INPUT', 'This member is suspended');
        refusePersonal(owner);
        const { transaction } = change;
        await memberOf(transaction, membership).set({ role: 'owner' }).execute();
        await memberOf(transaction, owner).set({ role: 'admin' }).execute();
      });
    },
  };

  function govern(
    origin: ChangeOrigin,
    { organizationId, userId }: Membership,
    work: (change: OrganizationChange, target: Target) => Promise<void>,
    others: readonly string[] = [],
  ): Promise<void> {
    const wanted = { organizationId, standing: 'govern', others } as const;
    return changeOrganization(changes, origin, wanted, async (change) => {
      const target = await findTarget(change, userId);
      // A role that is not known is nobody's to give, and an owner's to take away.
      if (!mayGiveRole(change.role, target.role ?? 'owner')) throw new CodedError('FORBIDDEN');
      await work(change, target);
    });
  }
}

interface Target extends Membership {
  readonly role: Role | null;
  readonly isSuspended: boolean;
}

async function findTarget(
  { transaction, organizationId }: OrganizationChange,
  userId: string,
): Promise<Target> {
  const row = await transaction
    .selectFrom('member')
    .select(['role', 'suspended_at'])
    .where('organizationId', '=', organizationId)
    .where('userId', '=', userId)
    .executeTakeFirst();
  if (row === undefined) throw new CodedError('NOT_FOUND');
  return {
    organizationId,
    userId,
    role: readRole(row.role),
    isSuspended: row.suspended_at !== null,
  };
}

function memberOf(transaction: IdentityTransaction, { organizationId, userId }: Membership) {
  return transaction
    .updateTable('member')
    .where('organizationId', '=', organizationId)
    .where('userId', '=', userId);
}

/** Whether the organization can do without this member as they are. */
async function assertExpendable(change: OrganizationChange, target: Target): Promise<void> {
  refusePersonal(target);
  if (target.role !== 'owner') return;
  const another = await change.transaction
    .selectFrom('member')
    .select('id')
    .where('organizationId', '=', target.organizationId)
    .where('role', '=', 'owner')
    .where('suspended_at', 'is', null)
    .where('userId', '<>', target.userId)
    .limit(1)
    .executeTakeFirst();
  if (another === undefined) throw new CodedError('LAST_OWNER');
}

function refusePersonal({ organizationId, userId }: Membership): void {
  if (personalIds(userId).organization === organizationId) {
    throw new CodedError('PERSONAL_ORGANIZATION');
  }
}

async function takeOut(change: OrganizationChange, target: Target): Promise<void> {
  await assertExpendable(change, target);
  const { transaction, now } = change;
  const { organizationId, userId } = target;
  // Somebody who comes back later must not find old keys alive.
  await transaction
    .updateTable('api_key')
    .set({ revoked_at: now })
    .where('owner_id', '=', userId)
    .where('organization_id', '=', organizationId)
    .where('revoked_at', 'is', null)
    .execute();
  await transaction
    .deleteFrom('member')
    .where('organizationId', '=', organizationId)
    .where('userId', '=', userId)
    .execute();
}
