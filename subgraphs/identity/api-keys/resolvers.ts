import { CodedError } from '#contract/errors.ts';
import {
  type KnownCaller,
  type Resolvers,
  readPageSize,
  requireCaller,
  requireRight,
  resolveReference,
  type SubgraphContext,
} from '#subgraphs/kit/index.ts';
import type { FindUser } from '../users/user-reader.ts';
import { type ApiKeyReader, cursorOf } from './api-key-reader.ts';
import type { ApiKeyRecord } from './api-key-record.ts';
import type { ApiKeys } from './api-keys.ts';
import type { NewKeyInput } from './decide-new-key.ts';

const DEFAULT_PAGE_SIZE = 20;

interface PageArguments {
  readonly first?: number | null;
  readonly after?: string | null;
}

export function apiKeyResolvers(
  keys: ApiKeys,
  reader: ApiKeyReader,
  findUser: FindUser,
): Resolvers {
  return {
    Query: {
      async apiKeys(_: unknown, { first, after }: PageArguments, context) {
        const caller = mayRead(context);
        const size = readPageSize(first, DEFAULT_PAGE_SIZE);
        const { records, hasNextPage } = await reader.list(caller.subject, size, after);
        const edges = records.map((node) => ({ cursor: cursorOf(node), node }));
        return {
          edges,
          nodes: records,
          pageInfo: {
            hasNextPage,
            hasPreviousPage: after !== undefined && after !== null,
            startCursor: edges.at(0)?.cursor ?? null,
            endCursor: edges.at(-1)?.cursor ?? null,
          },
        };
      },
      async apiKey(_: unknown, { id }: { readonly id: string }, context) {
        const caller = mayRead(context);
        const record = await reader.find(caller.subject, id);
        if (record === undefined) throw new CodedError('NOT_FOUND');
        return record;
      },
    },
    Mutation: {
      async createAPIKey(_: unknown, { input }: { readonly input: NewKeyInput }, context) {
        const { key, record } = await keys.create(mayManage(context), input);
        return { ...record, key, apiKey: record };
      },
      async revokeAPIKey(_: unknown, { id }: { readonly id: string }, context) {
        return keys.revoke(mayManage(context), id);
      },
    },
    APIKey: {
      __resolveReference: resolveReference(async ({ id }, context) => {
        const caller = mayRead(context);
        return (await reader.find(caller.subject, id)) ?? null;
      }),
      owner: async ({ ownerId }: ApiKeyRecord) => (await findUser(ownerId)) ?? null,
    },
  };
}

function mayRead(context: SubgraphContext): KnownCaller {
  const caller = requireCaller(context);
  requireRight(context, 'READ', { subgraph: 'identity', type: 'APIKey' });
  return caller;
}

function mayManage(context: SubgraphContext): KnownCaller {
  const caller = requireCaller(context);
  requireRight(context, 'MANAGE', { subgraph: 'identity', type: 'APIKey' });
  // A key belongs to a user of ours, and whoever an outside issuer names is none.
  if (caller.kind === 'jwt') throw new CodedError('FORBIDDEN');
  return caller;
}
