import { CodedError } from '#contract/errors.ts';
import {
  type KnownCaller,
  type Resolvers,
  requireCaller,
  requireRight,
  type SubgraphContext,
} from '#subgraphs/kit/index.ts';
import type { Accounts } from './accounts.ts';
import type { FindUser } from './user-reader.ts';

/** Whether it is really them who ask. It throws when that is not certain. */
export type AssertItIsThem = (
  caller: KnownCaller,
  password: string | null | undefined,
  address: string | null,
) => Promise<void>;

export function accountResolvers(
  accounts: Accounts,
  findUser: FindUser,
  assertItIsThem: AssertItIsThem,
): Resolvers {
  const found = async (id: string) => {
    const user = await findUser(id);
    if (user === undefined) throw new CodedError('NOT_FOUND');
    return user;
  };
  return {
    Mutation: {
      async deleteMyAccount(
        _: unknown,
        { password }: { readonly password?: string | null },
        context,
      ) {
        const caller = requireSession(context);
        await assertItIsThem(caller, password, context.origin.address);
        return accounts.delete(context);
      },
      async suspendUser(_: unknown, { id }: { readonly id: string }, context) {
        requireSession(context);
        return found(await accounts.suspend(context, id));
      },
      async restoreUser(_: unknown, { id }: { readonly id: string }, context) {
        requireSession(context);
        return found(await accounts.restore(context, id));
      },
    },
  };
}

/** Somebody who has signed in: a key does not stand for its owner in this. */
function requireSession(context: SubgraphContext): KnownCaller {
  const caller = requireCaller(context);
  requireRight(context, 'MANAGE', { subgraph: 'identity', type: 'User' });
  if (caller.kind !== 'session') throw new CodedError('FORBIDDEN');
  return caller;
}
