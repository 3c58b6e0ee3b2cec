import { type BoundedWork, createBoundedWork } from '../bounded-work.ts';
import type { IdentityDatabase } from '../database/tables.ts';
import type { LogRow } from '../log/identity-log.ts';

/** Whose entries: of an organization, those that a person made or that are about them, or what is both. */
export type AuditScope =
  | { readonly organization: string; readonly person?: string }
  | { readonly person: string; readonly organization?: string }
  | { readonly everything: true };

export interface AuditFilter {
  readonly actions?: readonly string[] | null | undefined;
  readonly subjectId?: string | null | undefined;
  readonly actorId?: string | null | undefined;
  /** Milliseconds since the epoch; `to` is exclusive. */
  readonly from?: number | null | undefined;
  readonly to?: number | null | undefined;
}

export interface AuditPage {
  readonly rows: readonly LogRow[];
  readonly hasMore: boolean;
}

/**
 * Reads entries of the audit log: the newest first before `before`, or the oldest first after `after`. Only a few at
 * once, since look-ups of callers go over the same connections. Both throw CodedError OVERLOADED where too many wait.
 */
export interface AuditReader {
  newest(
    scope: AuditScope,
    filter: AuditFilter,
    first: number,
    before?: number,
  ): Promise<AuditPage>;
  oldest(scope: AuditScope, filter: AuditFilter, first: number, after?: number): Promise<AuditPage>;
}

const BOUNDS = { atOnce: 2, waiting: 50 };

export function createAuditReader(
  database: IdentityDatabase,
  reads: BoundedWork = createBoundedWork(BOUNDS),
): AuditReader {
  function matching(scope: AuditScope, filter: AuditFilter) {
    let query = database.selectFrom('identity_log').selectAll();
    const { organization, person } = 'everything' in scope ? {} : scope;
    if (organization !== undefined) query = query.where('organization_id', '=', organization);
    if (person !== undefined) {
      query = query.where((is) =>
        is.or([is('subject_id', '=', person), is('actor_id', '=', person)]),
      );
    }
    const { actions, subjectId, actorId, from, to } = filter;
    if (actions != null) query = query.where('action', 'in', actions);
    if (subjectId != null) query = query.where('subject_id', '=', subjectId);
    if (actorId != null) query = query.where('actor_id', '=', actorId);
    if (from != null) query = query.where('at', '>=', from);
    if (to != null) query = query.where('at', '<', to);
    return query;
  }

  const pageOf = (rows: readonly LogRow[], first: number): AuditPage => ({
    rows: rows.slice(0, first),
    hasMore: rows.length > first,
  });

  return {
    async newest(scope, filter, first, before) {
      let query = matching(scope, filter)
        .orderBy('sequence', 'desc')
        .limit(first + 1);
      if (before !== undefined) query = query.where('sequence', '<', before);
      return pageOf(await reads.run(() => query.execute()), first);
    },
    async oldest(scope, filter, first, after) {
      let query = matching(scope, filter)
        .orderBy('sequence')
        .limit(first + 1);
      if (after !== undefined) query = query.where('sequence', '>', after);
      return pageOf(await reads.run(() => query.execute()), first);
    },
  };
}
