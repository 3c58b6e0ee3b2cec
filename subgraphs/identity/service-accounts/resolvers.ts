import { CodedError } from '#contract/errors.ts';
import type { Action } from '#contract/permissions/grant.ts';
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
import { connectionOf } from '../api-keys/connection.ts';
import type { ServiceAccountReader } from './service-account-reader.ts';
import type {
  ServiceAccountInput,
  ServiceAccounts,
  ServiceAccountUpdate,
} from './service-accounts.ts';

const DEFAULT_PAGE_SIZE = 20;

interface Id {
  readonly id: string;
}

/** Everybody in an organization sees its service accounts; those who govern it change them. */
export function serviceAccountResolvers(
  accounts: ServiceAccounts,
  reader: ServiceAccountReader,
): Resolvers {
  async function visible(id: string, context: SubgraphContext) {
    const { organization } = may(context, 'READ');
    const account = await reader.find(id);
    return account?.organizationId === organization ? account : undefined;
  }

  return {
    Query: {
      async serviceAccounts(
        _: unknown,
        { first, after }: { readonly first?: number | null; readonly after?: string | null },
        context,
      ) {
        const { organization } = may(context, 'READ');
        const size = readPageSize(first, DEFAULT_PAGE_SIZE);
        return connectionOf(await reader.list(organization ?? '', size, after), after);
      },
      async serviceAccount(_: unknown, { id }: Id, context) {
        const account = await visible(id, context);
        if (account === undefined) throw new CodedError('NOT_FOUND');
        return account;
      },
    },
    Mutation: {
      createServiceAccount(
        _: unknown,
        { input }: { readonly input: ServiceAccountInput },
        context,
      ) {
        may(context, 'MANAGE');
        return accounts.create(context, input);
      },
      updateServiceAccount(
        _: unknown,
        { id, input }: Id & { readonly input: ServiceAccountUpdate },
        context,
      ) {
        may(context, 'MANAGE');
        return accounts.update(context, id, input);
      },
      suspendServiceAccount(_: unknown, { id }: Id, context) {
        may(context, 'MANAGE');
        return accounts.suspend(context, id);
      },
      resumeServiceAccount(_: unknown, { id }: Id, context) {
        may(context, 'MANAGE');
        return accounts.resume(context, id);
      },
      async removeServiceAccount(_: unknown, { id }: Id, context) {
        may(context, 'MANAGE');
        return { id, revokedKeys: await accounts.remove(context, id) };
      },
    },
    ServiceAccount: {
      __resolveReference: resolveReference(
        async ({ id }, context) => (await visible(id, context)) ?? null,
      ),
    },
  };
}

function may(context: SubgraphContext, action: Action): KnownCaller {
  const caller = requireCaller(context);
  const target = { subgraph: 'identity', type: 'ServiceAccount' };
  if (action === 'READ') requireSome(context, target);
  else requireRight(context, action, target);
  return caller;
}
