import type { Clock } from '#contract/clock.ts';
import { CodedError } from '#contract/errors.ts';
import { encodeGrant } from '#contract/permissions/make-grant.ts';
import {
  type KnownCaller,
  type Resolvers,
  readPageSize,
  requireCaller,
  requireRight,
  requireSome,
  resolveReference,
  type SubgraphContext,
} from '#subgraphs/kit/index.ts';
import type { IdentityDatabase } from '../database/tables.ts';
import type { ServiceAccountReader } from '../service-accounts/service-account-reader.ts';
import type { FindUser } from '../users/user-reader.ts';
import type { ApiKeyReader, KeyReach } from './api-key-reader.ts';
import { type ApiKeyRecord, statusOf } from './api-key-record.ts';
import type { ApiKeys, KeysOf } from './api-keys.ts';
import { connectionOf } from './connection.ts';
import type { NewKeyInput } from './decide-new-key.ts';
import { governsKeys, KEYS as TARGET } from './governs-keys.ts';
import type { KeyFilter } from './key-filter.ts';
import type { KeyPolicies, KeyPolicyInput } from './key-policies.ts';
import type { KeyWithText } from './key-with-text.ts';
import type { KeyUpdate } from './update-key.ts';

const DEFAULT_PAGE_SIZE = 20;

interface Id {
  readonly id: string;
}

interface ListArguments {
  readonly first?: number | null;
  readonly after?: string | null;
  readonly scope?: 'OWN' | 'ORGANIZATION' | null;
  readonly filter?: KeyFilter | null;
}

interface ManyArguments {
  readonly scope?: 'OWN' | 'ORGANIZATION' | null;
  readonly ownerId?: string | null;
  readonly serviceAccountId?: string | null;
}

export interface ApiKeyResolversParts {
  readonly database: IdentityDatabase;
  readonly clock: Clock;
  readonly keys: ApiKeys;
  readonly reader: ApiKeyReader;
  readonly policies: KeyPolicies;
  readonly findUser: FindUser;
  readonly accounts: ServiceAccountReader;
}

export function apiKeyResolvers(parts: ApiKeyResolversParts): Resolvers {
  const { database, clock, keys, reader, policies, findUser, accounts } = parts;

  function own({ subject, organization }: KnownCaller): KeyReach {
    return { organization: organization ?? '', ownerId: subject };
  }

  async function find(context: SubgraphContext, id: string): Promise<ApiKeyRecord | undefined> {
    const caller = mayRead(context);
    const record = await reader.find(own(caller), id);
    if (record !== undefined || !(await governsKeys(database, caller))) return record;
    return reader.find({ organization: caller.organization ?? '', ownerId: null }, id);
  }

  return {
    Query: {
      async apiKeys(_: unknown, { first, after, scope, filter }: ListArguments, context) {
        const caller = mayRead(context);
        const isWide = scope === 'ORGANIZATION';
        if (isWide && !(await governsKeys(database, caller))) throw new CodedError('FORBIDDEN');
        const reach = isWide ? { ...own(caller), ownerId: null } : own(caller);
        const page = await reader.list(reach, {
          first: readPageSize(first, DEFAULT_PAGE_SIZE),
          after,
          filter,
          now: clock.now(),
        });
        return connectionOf(page, after);
      },
      async apiKey(_: unknown, { id }: Id, context) {
        const record = await find(context, id);
        if (record === undefined) throw new CodedError('NOT_FOUND');
        return record;
      },
      keyPolicy(_: unknown, __: unknown, context) {
        const { organization } = mayRead(context);
        return policies.read(organization ?? '');
      },
    },
    Mutation: {
      async createAPIKey(_: unknown, { input }: { readonly input: NewKeyInput }, context) {
        mayManage(context);
        return payloadOf(await keys.create(context, input));
      },
      updateAPIKey(_: unknown, { id, input }: Id & { readonly input: KeyUpdate }, context) {
        mayManage(context);
        return keys.update(context, id, input);
      },
      async rotateAPIKey(
        _: unknown,
        { id, overlap }: Id & { readonly overlap?: string | null },
        context,
      ) {
        mayManage(context);
        return payloadOf(await keys.rotate(context, id, overlap));
      },
      async revokeAPIKey(_: unknown, { id }: Id, context) {
        mayManage(context);
        return keys.revoke(context, id);
      },
      async revokeAPIKeys(_: unknown, which: ManyArguments, context) {
        mayManage(context);
        return { count: await keys.revokeMany(context, keysOf(which)) };
      },
      updateKeyPolicy(_: unknown, { input }: { readonly input: KeyPolicyInput }, context) {
        mayManage(context);
        return policies.update(context, input);
      },
    },
    APIKey: {
      __resolveReference: resolveReference(
        async ({ id }, context) => (await find(context, id)) ?? null,
      ),
      grants: ({ grants }: ApiKeyRecord) => grants.map(encodeGrant),
      status: (record: ApiKeyRecord) => statusOf(record, clock.now()),
      owner: async ({ ownerId, ownerKind }: ApiKeyRecord) =>
        ownerKind === 'user' ? ((await findUser(ownerId)) ?? null) : null,
      serviceAccount: async ({ ownerId, ownerKind }: ApiKeyRecord) =>
        ownerKind === 'service_account' ? ((await accounts.find(ownerId)) ?? null) : null,
      environments: ({ environmentIds }: ApiKeyRecord) => environmentIds,
      previousTextWorksUntil: ({ formerUntil }: ApiKeyRecord) =>
        formerUntil !== null && formerUntil > clock.now() ? formerUntil : null,
    },
  };
}

function payloadOf({ key, record }: KeyWithText) {
  const warnings = record.expiresAt === null ? [neverExpires] : [];
  return { ...record, key, apiKey: record, warnings };
}

const neverExpires = Object.freeze({
  code: 'NEVER_EXPIRES',
  message:
    'This key works until it is revoked. A key with an end limits what can be done with it once it is lost.',
});

function keysOf({ scope, ownerId, serviceAccountId }: ManyArguments): KeysOf {
  if (ownerId && serviceAccountId) {
    throw new CodedError('BAD_USER_INPUT', 'Give either "ownerId" or "serviceAccountId"', {
      extensions: { argument: 'serviceAccountId' },
    });
  }
  return { scope: scope ?? 'OWN', ownerId: ownerId ?? serviceAccountId };
}

function mayRead(context: SubgraphContext): KnownCaller {
  const caller = requireCaller(context);
  requireSome(context, TARGET);
  return caller;
}

function mayManage(context: SubgraphContext): void {
  requireCaller(context);
  requireRight(context, 'MANAGE', TARGET);
}
