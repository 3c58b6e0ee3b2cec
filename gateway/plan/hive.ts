import {
  type EntityBatchAlias,
  type FetchNode,
  type FetchNodePathSegment,
  type FetchRewrite,
  type FlattenNodePathSegment,
  type PlanNode as HiveNode,
  QueryPlanner,
  type RequiresSelection,
} from '@graphql-hive/router-query-planner';
import pLimit from 'p-limit';
import { CodedError } from '#contract/errors.ts';
import type {
  EntityBatch,
  Fetch,
  PathSegment,
  Plan,
  PlanNode,
  RequiredSelection,
  Rewrite,
  RewriteSegment,
} from './plan.ts';
import { mayMixUpNames, planRootFields } from './plan-root-fields.ts';
import type { Planner } from './planner.ts';

/** Bytes that the planner keeps outside of the heap for each character of a supergraph (measured: 69 to 72). */
const NATIVE_BYTES_PER_CHARACTER = 70;

/** Its threads are those of the file system and of password hashing too: some are left to them. */
const PLANNED_AT_ONCE = 2;
/** Operations that may wait for that; more are refused. */
const MAX_WAITING = 1_000;

/**
 * The Rust planner of Hive Router; it plans on threads of libuv's pool.
 * @throws CodedError OVERLOADED when too many operations wait
 */
export function createHivePlanner(supergraphSdl: string): Planner {
  const planner = new QueryPlanner(supergraphSdl);
  // Its memory is freed when the object is collected, and V8 collects by the memory that it knows of. This, which is
  // never touched and so never real, makes it know: decision 16.
  weights.set(planner, new ArrayBuffer(supergraphSdl.length * NATIVE_BYTES_PER_CHARACTER));
  const turns = pLimit(PLANNED_AT_ONCE);
  const planWhole: Planner['plan'] = async (document, operationName, { labels, percentage }) => {
    if (turns.pendingCount >= MAX_WAITING) throw new CodedError('OVERLOADED');
    const { node } = await turns(() =>
      planner.planAsync(document, operationName ?? null, new Set(labels), percentage),
    ).catch(rethrow);
    return node === undefined || node === null ? null : toPlan(node);
  };
  return {
    defers: false,
    async plan(document, operationName, overrides) {
      const plan = await planWhole(document, operationName, overrides);
      if (!mayMixUpNames(plan)) return plan;
      const planAlone = (part: string) => planWhole(part, operationName, overrides);
      return (await planRootFields(planAlone, document, operationName)) ?? plan;
    },
    async close() {},
  };
}

/** It tells why it refuses an operation by nothing but text; some of those are valid (decision 6). */
function rethrow(error: unknown): never {
  const text = String(error);
  if (!text.includes('Failed to plan query')) throw error;
  const field = /No paths found for selection item: (\w+)/.exec(text)?.[1];
  const message =
    field === undefined
      ? 'The planner of this gateway makes no plan of this operation'
      : `No way leads through the subgraphs to "${field}" where this operation asks for it`;
  throw new CodedError('OPERATION_UNPLANNABLE', message, { cause: error });
}

const weights = new WeakMap<QueryPlanner, ArrayBuffer>();

/** What completes the events of a subscription stands behind it, in one sequence. */
function toPlan(node: HiveNode): Plan {
  const [first, ...rest] = node.kind === 'Sequence' ? node.nodes : [node];
  if (first?.kind !== 'Subscription') return toNode(node, []);
  return {
    kind: 'subscription',
    primary: toFetch({ ...first.primary, operationKind: 'subscription' }, []),
    rest: rest.length === 0 ? null : toNode({ kind: 'Sequence', nodes: rest }, []),
  };
}

function toNode(node: HiveNode, path: readonly PathSegment[]): PlanNode {
  switch (node.kind) {
    case 'Sequence':
      return { kind: 'sequence', nodes: node.nodes.map((child) => toNode(child, path)) };
    case 'Parallel':
      return { kind: 'parallel', nodes: node.nodes.map((child) => toNode(child, path)) };
    case 'Flatten':
      return toNode(node.node, [...path, ...node.path.map(toPathSegment)]);
    case 'Fetch':
      return toFetch(node, path);
    case 'BatchFetch':
      return {
        kind: 'fetch',
        id: null,
        subgraph: node.serviceName,
        operation: node.operationKind ?? 'query',
        document: node.operation,
        variables: node.variableUsages ?? [],
        batches: node.entityBatch.aliases.map(toBatch),
        outputRewrites: [],
      };
    case 'Condition':
    case 'Subscription':
    case 'Defer':
      throw new TypeError(`A plan has a ${node.kind} inside a step`);
  }
}

function toFetch(node: FetchNode, path: readonly PathSegment[]): Fetch {
  const outputRewrites = (node.outputRewrites ?? []).map(toRewrite);
  const isEntities = node.requires !== undefined && node.requires !== null;
  return {
    kind: 'fetch',
    id: null,
    subgraph: node.serviceName,
    operation: node.operationKind ?? 'query',
    document: node.operation,
    variables: node.variableUsages ?? [],
    batches: isEntities
      ? [
          {
            key: '_entities',
            variable: 'representations',
            paths: [path],
            requires: (node.requires ?? []).map(toRequired),
            inputRewrites: (node.inputRewrites ?? []).map(toRewrite),
            outputRewrites,
            contextArguments: [],
          },
        ]
      : [],
    outputRewrites: isEntities ? [] : outputRewrites,
  };
}

function toBatch(alias: EntityBatchAlias): EntityBatch {
  return {
    key: alias.alias,
    variable: alias.representationsVariableName,
    paths: alias.paths.map((path) => path.map(toPathSegment)),
    requires: alias.requires.map(toRequired),
    inputRewrites: (alias.inputRewrites ?? []).map(toRewrite),
    outputRewrites: (alias.outputRewrites ?? []).map(toRewrite),
    contextArguments: [],
  };
}

function toPathSegment(segment: FlattenNodePathSegment): PathSegment {
  if (segment === '@') return { kind: 'items' };
  if ('Field' in segment) return { kind: 'key', key: segment.Field };
  return { kind: 'types', types: segment.TypeCondition };
}

function toRequired(selection: RequiresSelection): RequiredSelection {
  switch (selection.kind) {
    case 'Field':
      return {
        kind: 'field',
        key: selection.name,
        as: selection.alias ?? selection.name,
        selections:
          selection.selections && selection.selections.length > 0
            ? selection.selections.map(toRequired)
            : null,
      };
    case 'InlineFragment':
      if (selection.includeIf || selection.skipIf) {
        throw new TypeError('A plan requires something under a condition');
      }
      return {
        kind: 'fragment',
        type: selection.typeCondition,
        selections: selection.selections.map(toRequired),
      };
    case 'FragmentSpread':
      throw new CodedError('INTERNAL_SERVER_ERROR', 'A plan requires a named fragment');
  }
}

function toRewrite(rewrite: FetchRewrite): Rewrite {
  if ('KeyRenamer' in rewrite) {
    const { path, renameKeyTo } = rewrite.KeyRenamer;
    return { kind: 'rename', path: path.map(toRewriteSegment), to: renameKeyTo };
  }
  const { path, setValueTo } = 'ValueSetter' in rewrite ? rewrite.ValueSetter : rewrite;
  return { kind: 'set', path: path.map(toRewriteSegment), value: setValueTo };
}

function toRewriteSegment(segment: FetchNodePathSegment): RewriteSegment {
  return 'Key' in segment
    ? { kind: 'key', key: segment.Key }
    : { kind: 'types', types: segment.TypenameEquals };
}
