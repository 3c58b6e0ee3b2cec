import { CodedError } from '#contract/errors.ts';
import { newId } from '#contract/ids.ts';
import { isWithin } from '#contract/permissions/is-within.ts';
import { invalidArgument } from '../api-keys/invalid-argument.ts';
import type { KeySettings } from '../api-keys/key-settings.ts';
import { revokeWithMade } from '../api-keys/made-by.ts';
import { nameKeyOf, readName } from '../api-keys/read-name.ts';
import type { Change, ChangeOrigin, Changes } from '../changes.ts';
import { narrowedRole, readRoleGrants } from '../rights/role-grants.ts';
import {
  type AccountRole,
  accountColumns,
  accountOf,
  type ServiceAccountRecord,
  storedRoleOf,
} from './service-account-record.ts';

export interface ServiceAccountInput {
  readonly name: string;
  readonly description?: string | null | undefined;
  readonly role?: AccountRole | null | undefined;
}

/** Left out: as it is. */
export type ServiceAccountUpdate = Partial<{
  [Name in keyof ServiceAccountInput]: ServiceAccountInput[Name] | null;
}>;

/**
 * What those who govern an organization do with its service accounts. Each throws CodedError FORBIDDEN for others,
 * and NOT_FOUND for an unknown one as for another organization's.
 */
export interface ServiceAccounts {
  /** @throws CodedError BAD_USER_INPUT, also for a name that is taken */
  create(origin: ChangeOrigin, input: ServiceAccountInput): Promise<ServiceAccountRecord>;
  update(
    origin: ChangeOrigin,
    id: string,
    input: ServiceAccountUpdate,
  ): Promise<ServiceAccountRecord>;
  /** Its keys stop at once, and work again when it is resumed. Doing it twice changes nothing. */
  suspend(origin: ChangeOrigin, id: string): Promise<ServiceAccountRecord>;
  resume(origin: ChangeOrigin, id: string): Promise<ServiceAccountRecord>;
  /** Removes it for good; its keys, and what was made with them, are revoked. @returns how many were */
  remove(origin: ChangeOrigin, id: string): Promise<number>;
}

const MAX_DESCRIPTION_LENGTH = 500;

export function createServiceAccounts(changes: Changes, settings: KeySettings): ServiceAccounts {
  return {
    create: (origin, input) =>
      changes.run(origin, (change) => createAccount(change, input, settings.maxServiceAccounts)),

    update: (origin, id, input) =>
      changes.run(origin, (change) => updateAccount(change, id, input)),

    suspend: (origin, id) =>
      changes.run(origin, async (change) => {
        const before = await findGoverned(change, id);
        return before.suspendedAt === null ? set(change, id, { suspended_at: change.now }) : before;
      }),

    resume: (origin, id) =>
      changes.run(origin, async (change) => {
        await findGoverned(change, id);
        return set(change, id, { suspended_at: null });
      }),

    remove: (origin, id) =>
      changes.run(origin, async (change) => {
        const { organizationId } = await findGoverned(change, id);
        const { transaction, now } = change;
        const roots = { organization: organizationId, ownerId: id };
        const count = await revokeWithMade(transaction, roots, now);
        await transaction.deleteFrom('service_account').where('id', '=', id).execute();
        return count;
      }),
  };
}

async function createAccount(
  change: Change,
  input: ServiceAccountInput,
  limit: number,
): Promise<ServiceAccountRecord> {
  const { transaction, actor, now } = change;
  const organization = governedBy(change);
  const name = readName(input.name);
  const role = input.role ?? 'MEMBER';
  await requireRole(change, role);
  await requireFreeName(change, organization, name, null);
  const { count } = await transaction
    .selectFrom('service_account')
    .select((query) => query.fn.countAll().as('count'))
    .where('organization_id', '=', organization)
    .executeTakeFirstOrThrow();
  if (Number(count) >= limit) {
    throw new CodedError(
      'KEY_LIMIT_REACHED',
      `There are ${limit} service accounts, which is as many as are allowed`,
      { extensions: { limit } },
    );
  }
  const row = await transaction
    .insertInto('service_account')
    .values({
      id: newId('sa'),
      organization_id: organization,
      name,
      name_key: nameKeyOf(name),
      description: readDescription(input.description),
      role: storedRoleOf(role),
      created_by: actor.caller.subject,
      created_at: now,
      suspended_at: null,
    })
    .returning(accountColumns)
    .executeTakeFirstOrThrow();
  return accountOf(row);
}

async function updateAccount(
  change: Change,
  id: string,
  { name, description, role }: ServiceAccountUpdate,
): Promise<ServiceAccountRecord> {
  const before = await findGoverned(change, id);
  const next = name === undefined || name === null ? before.name : readName(name);
  if (next !== before.name) await requireFreeName(change, before.organizationId, next, id);
  if (role !== undefined && role !== null && role !== before.role) await requireRole(change, role);
  return set(change, id, {
    name: next,
    name_key: nameKeyOf(next),
    description: description === undefined ? before.description : readDescription(description),
    role: storedRoleOf(role ?? before.role),
  });
}

async function set(
  { transaction }: Change,
  id: string,
  columns: Partial<{
    name: string;
    name_key: string;
    description: string;
    role: string;
    suspended_at: number | null;
  }>,
): Promise<ServiceAccountRecord> {
  const row = await transaction
    .updateTable('service_account')
    .set(columns)
    .where('id', '=', id)
    .returning(accountColumns)
    .executeTakeFirstOrThrow();
  return accountOf(row);
}

function governedBy({ actor }: Change): string {
  const { organization } = actor.caller;
  if (!actor.governs || organization === null) throw new CodedError('FORBIDDEN');
  return organization;
}

async function findGoverned(change: Change, id: string): Promise<ServiceAccountRecord> {
  const organization = governedBy(change);
  const row = await change.transaction
    .selectFrom('service_account')
    .select(accountColumns)
    .where('id', '=', id)
    .where('organization_id', '=', organization)
    .executeTakeFirst();
  if (row === undefined) throw new CodedError('NOT_FOUND');
  return accountOf(row);
}

/** Nobody makes somebody who may do more than they may themselves. */
async function requireRole({ transaction, actor }: Change, role: AccountRole): Promise<void> {
  const stored = storedRoleOf(role);
  const narrowed = await readRoleGrants(transaction, actor.caller.organization ?? '');
  // By its grants: an app:access that the maker lacks gives nothing that could be done.
  const wanted = { scopes: [], grants: narrowedRole(stored, narrowed.get(stored)).grants };
  if (!isWithin(wanted, actor.permissions)) throw new CodedError('FORBIDDEN');
}

/** The transaction holds the lock of the organization. */
async function requireFreeName(
  { transaction }: Change,
  organization: string,
  name: string,
  except: string | null,
): Promise<void> {
  const taken = await transaction
    .selectFrom('service_account')
    .select('id')
    .where('organization_id', '=', organization)
    .where('name_key', '=', nameKeyOf(name))
    .executeTakeFirst();
  if (taken !== undefined && taken.id !== except) {
    throw invalidArgument('name', 'A service account of this name is there already');
  }
}

function readDescription(text: string | null | undefined): string {
  const description = (text ?? '').normalize('NFC').trim();
  if ([...description].length > MAX_DESCRIPTION_LENGTH) {
    throw invalidArgument(
      'description',
      `The description must have at most ${MAX_DESCRIPTION_LENGTH} characters`,
    );
  }
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  if (/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/u.test(description)) {
    throw invalidArgument('description', 'The description must not contain control characters');
  }
  return description;
}
