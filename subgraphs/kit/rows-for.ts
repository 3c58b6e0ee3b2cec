import {
  type Allowed,
  allowsRecord,
  type Conditional,
  type Decision,
  decide,
  decideRows,
  type RecordFacts,
  type Target,
} from '#contract/permissions/decide.ts';
import type { Action } from '#contract/permissions/grant.ts';
import {
  type Asked,
  decideEntry,
  refusal,
  requireRight,
  type SubgraphContext,
} from './caller-context.ts';

/** Who asks, and in which subgraph. */
type Asker = Pick<SubgraphContext, 'caller' | 'subgraph' | 'entry'>;

/** The type of the records that are asked for; without a subgraph, this one's. */
export type RowTarget = Omit<Target, 'field'>;

/**
 * Which records of a type there are for a caller: for `rowCondition`, or `allowsRecord` of one record.
 *
 * To read or update, a grant on one field is enough: there has to be a record for that field to be seen. What of the
 * other fields is shown is decided field by field, for `records` by the kit.
 *
 * What the request asks for of stage and locale is decided here; the query has to ask for the same.
 * @example rowsFor(context, 'READ', { type: 'Post' }, { stage: 'PUBLISHED' })
 */
export function rowsFor(
  asker: Asker,
  action: Action,
  target: RowTarget,
  { stage, locale }: Asked = {},
): Decision {
  const { caller, subgraph } = asker;
  const { permissions, environment } = caller;
  const entered = decideEntry(asker, action);
  if (entered !== null) return entered;
  const here = { subgraph, ...target };
  const request = { action, target: here, environment, stage, locale };
  return action === 'READ' || action === 'UPDATE'
    ? decideRows(permissions, request)
    : decide(permissions, request);
}

/**
 * The same for whoever has to have a right to some of them.
 * @throws CodedError UNAUTHENTICATED for an anonymous caller without any, FORBIDDEN for a known one
 */
export function requireRows(
  context: Asker,
  action: Action,
  target: RowTarget,
  asked?: Asked,
): Allowed | Conditional {
  const rows = rowsFor(context, action, target, asked);
  if (rows.outcome === 'deny') throw refusal(context, action, target);
  return rows;
}

/**
 * Requires that a caller may read something of a type whose records nothing filters: which fields, the gateway has
 * decided. A grant for certain records is none here.
 * @throws CodedError UNAUTHENTICATED for an anonymous caller, FORBIDDEN for a known one
 */
export function requireSome(context: SubgraphContext, target: RowTarget): void {
  if (rowsFor(context, 'READ', target).outcome !== 'allow') requireRight(context, 'READ', target);
}

/**
 * Requires that a caller has a right to one record, or to one field of it.
 * @throws CodedError UNAUTHENTICATED for an anonymous caller, FORBIDDEN for a known one
 * @example requireRecord(context, 'UPDATE', { type: 'Post', field: 'title' }, recordFacts(postColumns, post))
 */
export function requireRecord(
  context: Asker,
  action: Action,
  target: Target,
  facts: RecordFacts,
): void {
  const { permissions, environment } = context.caller;
  if (decideEntry(context, action) !== null) return;
  const here = { subgraph: context.subgraph, ...target };
  const decision = decide(permissions, { action, target: here, environment });
  if (!allowsRecord(decision, facts)) throw refusal(context, action, target);
}
