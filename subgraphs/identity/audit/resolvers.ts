import { CodedError } from '#contract/errors.ts';
import {
  type KnownCaller,
  type Resolvers,
  readPageSize,
  requireCaller,
  requireRight,
  requireSome,
  type SubgraphContext,
} from '#subgraphs/kit/index.ts';
import { isBoundKey } from '../actors/is-bound-key.ts';
import { isKeySession } from '../actors/is-key-session.ts';
import type { IdentityDatabase } from '../database/tables.ts';
import { readLiveRights } from '../rights/live-rights.ts';
import { isGoverning } from '../rights/role.ts';
import { auditCursorOf, auditEntryOf, readAuditCursor } from './audit-entry.ts';
import type { AuditFilter, AuditReader, AuditScope } from './audit-reader.ts';

const DEFAULT_PAGE_SIZE = 50;
const MAX_ACTIONS = 50;

interface AuditArguments {
  readonly organizationId?: string | null;
  readonly filter?: AuditFilter | null;
  readonly first?: number | null;
  readonly after?: string | null;
}

export function auditResolvers(database: IdentityDatabase, reader: AuditReader): Resolvers {
  async function scopeOf(
    organizationId: string | null | undefined,
    caller: KnownCaller,
    context: SubgraphContext,
  ): Promise<AuditScope> {
    const isOfKey = caller.kind === 'key' || (await isKeySession(database, caller));
    if (organizationId == null) {
      // What somebody does elsewhere is not for the keys that they hand out here.
      const within = isOfKey ? { organization: caller.organization ?? '' } : {};
      return { person: caller.subject, ...within };
    }
    requireRight(context, 'MANAGE', { subgraph: 'identity', type: 'AuditEntry' });
    // A key speaks for one organization alone, and so does a session that it opened.
    const isForeign = isOfKey && caller.organization !== organizationId;
    const rights = await readLiveRights(database, caller.subject, organizationId);
    // One that is not the caller's is as unknown as one that does not exist.
    if (isForeign || rights === null) throw new CodedError('NOT_FOUND');
    if (!isGoverning(rights.role) || (await isBoundKey(database, caller)))
      throw new CodedError('FORBIDDEN');
    return { organization: organizationId };
  }

  return {
    Query: {
      async auditLog(_: unknown, args: AuditArguments, context) {
        const caller = requireCaller(context);
        requireSome(context, { subgraph: 'identity', type: 'AuditEntry' });
        const { organizationId, filter, first, after } = args;
        const size = readPageSize(first, DEFAULT_PAGE_SIZE);
        const scope = await scopeOf(organizationId, caller, context);
        const before = after == null ? undefined : readAuditCursor(after);
        const page = await reader.newest(scope, checked(filter ?? {}), size, before);
        const nodes = page.rows.map(auditEntryOf);
        const edges = nodes.map((node) => ({ cursor: auditCursorOf(node), node }));
        return {
          edges,
          nodes,
          pageInfo: {
            hasNextPage: page.hasMore,
            hasPreviousPage: after != null,
            startCursor: edges.at(0)?.cursor ?? null,
            endCursor: edges.at(-1)?.cursor ?? null,
          },
        };
      },
    },
  };
}

function checked(filter: AuditFilter): AuditFilter {
  const { actions } = filter;
  if (actions != null && (actions.length === 0 || actions.length > MAX_ACTIONS)) {
    throw new CodedError('BAD_USER_INPUT', `"actions" names from 1 to ${MAX_ACTIONS} actions`, {
      extensions: { argument: 'filter.actions' },
    });
  }
  return filter;
}
