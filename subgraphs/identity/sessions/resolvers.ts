import type { Clock } from '#contract/clock.ts';
import { CodedError } from '#contract/errors.ts';
import {
  type Resolvers,
  requireCaller,
  requireRight,
  type SubgraphContext,
} from '#subgraphs/kit/index.ts';
import { isBoundKey } from '../actors/is-bound-key.ts';
import type { IdentityDatabase } from '../database/tables.ts';
import { connectionOf, type PageArguments, readPage } from '../page.ts';
import type { EndSessions } from './end-sessions.ts';
import type { ListSessions, SessionRecord } from './session-reader.ts';

const target = { subgraph: 'identity', type: 'Session' };

export function sessionResolvers(
  database: IdentityDatabase,
  list: ListSessions,
  endSessions: EndSessions,
  clock: Clock,
): Resolvers {
  return {
    Query: {
      async mySessions(_: unknown, page: PageArguments, context) {
        const caller = requireCaller(context);
        // Where somebody is signed in is not for the keys that they hand out.
        requireRight(context, caller.kind === 'key' ? 'MANAGE' : 'READ', target);
        if (await isBoundKey(database, caller)) throw new CodedError('FORBIDDEN');
        const request = readPage(page);
        const records = await list(caller.subject, request, clock.now());
        return connectionOf(records, request, ({ createdAt, id }) => ({ at: createdAt, id }));
      },
    },
    Mutation: {
      async endSession(_: unknown, { id }: { readonly id: string }, context) {
        mayManage(context);
        return endSessions.one(context, id);
      },
      async endAllSessions(
        _: unknown,
        { exceptCurrent }: { readonly exceptCurrent?: boolean | null },
        context,
      ) {
        mayManage(context);
        return endSessions.all(context, exceptCurrent ?? true);
      },
    },
    Session: {
      isCurrent: ({ id }: SessionRecord, _: unknown, { caller }) =>
        caller.kind === 'session' && caller.credentialId === id,
    },
  };
}

function mayManage(context: SubgraphContext): void {
  requireCaller(context);
  requireRight(context, 'MANAGE', target);
}
