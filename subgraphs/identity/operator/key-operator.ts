import { anonymousCaller } from '#contract/caller.ts';
import type { Clock } from '#contract/clock.ts';
import { CodedError } from '#contract/errors.ts';
import { allPermissions } from '#contract/permissions/scope.ts';
import type { ApiKeyReader } from '../api-keys/api-key-reader.ts';
import { type ApiKeyRecord, type KeyStatus, statusOf } from '../api-keys/api-key-record.ts';
import type { ApiKeys } from '../api-keys/api-keys.ts';
import type { NewKeyInput } from '../api-keys/decide-new-key.ts';
import type { KeyFilter } from '../api-keys/key-filter.ts';
import type { KeyPolicies, KeyPolicyInput } from '../api-keys/key-policies.ts';
import type { KeyPolicy } from '../api-keys/key-policy.ts';
import type { KeyWithText } from '../api-keys/key-with-text.ts';
import type { KeyUpdate } from '../api-keys/update-key.ts';
import { type ChangeOrigin, ofThisProcess } from '../changes.ts';
import type { IdentityDatabase } from '../database/tables.ts';
import type { LetInAgain } from '../key-care/let-in-again.ts';
import type { ImportInput, ImportKeys, ImportOutcome } from '../key-import/import-keys.ts';
import type { ServiceAccountReader } from '../service-accounts/service-account-reader.ts';
import type { ServiceAccountRecord } from '../service-accounts/service-account-record.ts';
import type { ServiceAccountInput, ServiceAccounts } from '../service-accounts/service-accounts.ts';
import { findAccount, findOrganization, findPerson, type Membership } from './find-member.ts';

/** A key as whoever runs the store sees it: with its owner's e-mail address, or a service account's name. */
export interface OperatedKey extends ApiKeyRecord {
  readonly status: KeyStatus;
  readonly owner: string;
}

/** Who an operator acts for: a person, by e-mail address, in their own organization unless another is named. */
export interface For {
  readonly email: string;
  readonly organization?: string | undefined;
}

/** An organization: by its id, or the own one of a person. */
export type OfOrganization = { readonly organizationId: string } | { readonly email: string };

/**
 * What whoever runs the store does with keys and service accounts, without an account of their own. It is logged as
 * done by `system`. An id that is not there is CodedError NOT_FOUND, and so is a person.
 */
export interface KeyOperator {
  /** The newest keys of all organizations. */
  list(
    filter: KeyFilter & { readonly email?: string | undefined },
    first: number,
  ): Promise<{
    readonly keys: readonly OperatedKey[];
    readonly hasMore: boolean;
  }>;
  show(id: string): Promise<OperatedKey>;
  create(
    owner: For | { readonly serviceAccountId: string },
    input: NewKeyInput,
  ): Promise<KeyWithText>;
  update(id: string, input: KeyUpdate): Promise<OperatedKey>;
  rotate(id: string, overlap: string | undefined): Promise<KeyWithText>;
  revoke(id: string): Promise<OperatedKey>;
  /** @returns how many live keys were revoked */
  revokeAll(owner: For | { readonly serviceAccountId: string }): Promise<number>;
  /** Takes in keys of another system, in the name of a person: theirs, where the input says nobody else's. */
  import(maker: For, input: ImportInput): Promise<readonly ImportOutcome[]>;
  /** Lets a key in again that is disabled or quarantined. @throws CodedError BAD_USER_INPUT when it is neither */
  release(id: string): Promise<OperatedKey>;
  policy(of: OfOrganization): Promise<KeyPolicy>;
  updatePolicy(of: OfOrganization, input: KeyPolicyInput): Promise<KeyPolicy>;
  /** The newest service accounts, of one organization or of all. */
  listAccounts(
    organization: string | undefined,
    first: number,
  ): Promise<{ readonly accounts: readonly ServiceAccountRecord[]; readonly hasMore: boolean }>;
  createAccount(maker: For, input: ServiceAccountInput): Promise<ServiceAccountRecord>;
  suspendAccount(id: string): Promise<ServiceAccountRecord>;
  resumeAccount(id: string): Promise<ServiceAccountRecord>;
  /** @returns how many live keys were revoked with it */
  removeAccount(id: string): Promise<number>;
}

export interface KeyOperatorParts {
  readonly database: IdentityDatabase;
  readonly clock: Clock;
  readonly keys: ApiKeys;
  readonly reader: ApiKeyReader;
  readonly accounts: ServiceAccounts;
  readonly accountReader: ServiceAccountReader;
  readonly importKeys: ImportKeys;
  readonly letInAgain: LetInAgain;
  readonly policies: KeyPolicies;
}

const EVERYWHERE = { organization: null, ownerId: null } as const;

export function createKeyOperator(parts: KeyOperatorParts): KeyOperator {
  const { database, clock, keys, reader, accounts, policies, letInAgain } = parts;

  async function ownerOf(owner: For | { readonly serviceAccountId: string }): Promise<Membership> {
    return 'email' in owner
      ? findPerson(database, owner.email, owner.organization)
      : findAccount(database, owner.serviceAccountId);
  }

  async function organizationOf(
    of: OfOrganization,
  ): Promise<Membership & { organization: string }> {
    const found =
      'email' in of
        ? await findPerson(database, of.email)
        : await findOrganization(database, of.organizationId);
    if (found.organization === null) throw new CodedError('NOT_FOUND');
    return { ...found, organization: found.organization };
  }

  /** The key, and its owner as the one in whose name it is changed. */
  async function find(id: string): Promise<{ record: ApiKeyRecord; origin: ChangeOrigin }> {
    const record = await reader.find(EVERYWHERE, id);
    if (record === undefined)
      throw new CodedError('NOT_FOUND', `There is no API key ${quoted(id)}`);
    const { ownerId: subject, organizationId: organization } = record;
    return { record, origin: inTheNameOf({ subject, organization }) };
  }

  async function withOwners(records: readonly ApiKeyRecord[]): Promise<OperatedKey[]> {
    const names = await namesOf(
      database,
      records.map(({ ownerId }) => ownerId),
    );
    const now = clock.now();
    return records.map((record) => ({
      ...record,
      status: statusOf(record, now),
      owner: names.get(record.ownerId) ?? `${record.ownerId} (gone)`,
    }));
  }

  async function withOwner(record: ApiKeyRecord): Promise<OperatedKey> {
    const [key] = await withOwners([record]);
    if (key === undefined) throw new CodedError('NOT_FOUND');
    return key;
  }

  return {
    async list({ email, ...filter }, first) {
      const owner = email === undefined ? null : await findPerson(database, email);
      const page = await reader.list(
        { ...EVERYWHERE, ownerId: owner?.subject ?? null },
        { first, filter, now: clock.now() },
      );
      return { keys: await withOwners(page.records), hasMore: page.hasNextPage };
    },
    show: async (id) => withOwner((await find(id)).record),
    async create(owner, input) {
      return keys.create(inTheNameOf(await ownerOf(owner)), input);
    },
    update: async (id, input) => withOwner(await keys.update((await find(id)).origin, id, input)),
    rotate: async (id, overlap) => keys.rotate((await find(id)).origin, id, overlap),
    revoke: async (id) => withOwner(await keys.revoke((await find(id)).origin, id)),
    async revokeAll(owner) {
      return keys.revokeMany(inTheNameOf(await ownerOf(owner)), { scope: 'OWN' });
    },
    async import(maker, input) {
      return parts.importKeys(inTheNameOf(await ownerOf(maker)), input);
    },
    async release(id) {
      const { record, origin } = await find(id);
      const way = record.disabledReason === 'UNUSED' ? 'enable' : 'release';
      return withOwner(await letInAgain[way](origin, id));
    },
    async policy(of) {
      return policies.read((await organizationOf(of)).organization);
    },
    async updatePolicy(of, input) {
      return policies.update(inTheNameOf(await organizationOf(of)), input);
    },
    async listAccounts(organization, first) {
      if (organization !== undefined) await findOrganization(database, organization);
      const page = await parts.accountReader.list(organization ?? null, first);
      return { accounts: page.records, hasMore: page.hasNextPage };
    },
    async createAccount(maker, input) {
      return accounts.create(inTheNameOf(await ownerOf(maker)), input);
    },
    async suspendAccount(id) {
      return accounts.suspend(inTheNameOf(await findAccount(database, id)), id);
    },
    async resumeAccount(id) {
      return accounts.resume(inTheNameOf(await findAccount(database, id)), id);
    },
    async removeAccount(id) {
      return accounts.remove(inTheNameOf(await findAccount(database, id)), id);
    },
  };
}

function inTheNameOf({ subject, organization }: Membership): ChangeOrigin {
  const caller = {
    ...anonymousCaller,
    kind: 'session',
    subject,
    organization,
    permissions: allPermissions,
  } as const;
  return { caller, origin: ofThisProcess, byOperator: true };
}

async function namesOf(
  database: IdentityDatabase,
  ids: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  if (ids.length === 0) return new Map();
  const people = await database
    .selectFrom('user')
    .select(['id', 'email'])
    .where('id', 'in', ids)
    .execute();
  const accounts = await database
    .selectFrom('service_account')
    .select(['id', 'name'])
    .where('id', 'in', ids)
    .execute();
  return new Map([
    ...people.map(({ id, email }) => [id, email] as const),
    ...accounts.map(({ id, name }) => [id, `${name} (service account)`] as const),
  ]);
}

/** What somebody typed, so that it can be shown in one line. */
function quoted(text: string): string {
  return JSON.stringify(text.slice(0, 64));
}
