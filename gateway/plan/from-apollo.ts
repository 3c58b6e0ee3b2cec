import type {
  PlanNode as ApolloNode,
  DeferNode,
  FetchDataRewrite,
  FetchNode,
  FlattenNode,
  QueryPlanSelectionNode,
  SubscriptionNode,
} from '@apollo/query-planner';
import { joinFetches } from './join-fetches.ts';
import type {
  ContextArgument,
  Defer,
  Fetch,
  PathSegment,
  Plan,
  PlanNode,
  RequiredSelection,
  Rewrite,
  RewriteSegment,
} from './plan.ts';

const FRAGMENT = '... on ';
const none: readonly never[] = Object.freeze([]);

/** The plan that Apollo's planner made, in our words. */
export function fromApollo(node: ApolloNode | SubscriptionNode): Plan {
  switch (node.kind) {
    case 'Subscription':
      return {
        kind: 'subscription',
        primary: toFetch(node.primary, none),
        rest: node.rest === undefined ? null : toNode(node.rest, none),
      };
    case 'Defer':
      return toDefer(node);
    default:
      return toNode(node, none);
  }
}

function toDefer({ primary, deferred }: DeferNode): Defer {
  return {
    kind: 'defer',
    primary: {
      selections: primary.subselection ?? null,
      node: primary.node === undefined ? null : toNode(primary.node, none),
    },
    deferred: deferred.map((part) => ({
      label: part.label ?? null,
      after: part.depends.map((each) => each.id),
      path: part.queryPath.map(toRewriteSegment),
      selections: part.subselection ?? null,
      node: part.node === undefined ? null : toPart(part.node),
    })),
  };
}

function toPart(node: ApolloNode): PlanNode | Defer {
  return node.kind === 'Defer' ? toDefer(node) : toNode(node, none);
}

function toNode(node: ApolloNode, path: readonly PathSegment[]): PlanNode {
  switch (node.kind) {
    case 'Sequence':
      return { kind: 'sequence', nodes: node.nodes.map((child) => toNode(child, path)) };
    case 'Parallel': {
      const nodes = joinFetches(node.nodes.map((child) => toNode(child, path)));
      const [only] = nodes;
      return nodes.length === 1 && only !== undefined ? only : { kind: 'parallel', nodes };
    }
    case 'Flatten':
      return toNode(node.node, [...path, ...toPath(node.path)]);
    case 'Fetch':
      return toFetch(node, path);
    case 'Condition':
    case 'Defer':
      throw new TypeError(`A plan has a ${node.kind} inside a step`);
  }
}

function toFetch(node: FetchNode, path: readonly PathSegment[]): Fetch {
  const outputRewrites = (node.outputRewrites ?? []).map(toRewrite);
  const contextArguments = (node.contextRewrites ?? []).map(toContextArgument);
  const fromContext = new Set(contextArguments.map((argument) => argument.variable));
  return {
    kind: 'fetch',
    id: node.id ?? null,
    subgraph: node.serviceName,
    operation: node.operationKind,
    document: node.operation,
    // A client that sends a variable of such a name must not decide what the context says.
    variables: (node.variableUsages ?? []).filter((name) => !fromContext.has(name)),
    batches:
      node.requires === undefined
        ? []
        : [
            {
              key: '_entities',
              variable: 'representations',
              paths: [path],
              requires: node.requires.flatMap(toRequired),
              inputRewrites: (node.inputRewrites ?? []).map(toRewrite),
              outputRewrites,
              contextArguments,
            },
          ],
    outputRewrites: node.requires === undefined ? outputRewrites : [],
  };
}

/** Segments are `key`, `@` for the items of a list, and either one followed by `|[A,B]`, the types that go on. */
function toPath(path: FlattenNode['path']): PathSegment[] {
  return path.flatMap((segment): PathSegment[] => {
    const [key = '', ...conditions] = String(segment).split('|');
    const types = conditions.map((condition) => condition.slice(1, -1).split(','));
    return [
      // The root is an empty key.
      ...(key === '' ? [] : [key === '@' ? { kind: 'items' as const } : toKey(key)]),
      ...types.map((names) => ({ kind: 'types' as const, types: names })),
    ];
  });
}

function toKey(key: string): { readonly kind: 'key'; readonly key: string } {
  return { kind: 'key', key };
}

function toRequired(selection: QueryPlanSelectionNode): RequiredSelection[] {
  if (selection.kind === 'Field') {
    const selections = selection.selections?.flatMap(toRequired) ?? [];
    return [
      {
        kind: 'field',
        key: selection.alias ?? selection.name,
        as: selection.alias ?? selection.name,
        selections: selections.length > 0 ? selections : null,
      },
    ];
  }
  const selections = selection.selections.flatMap(toRequired);
  if (selection.typeCondition === undefined) return selections;
  return [
    {
      kind: 'fragment',
      type: selection.typeCondition,
      selections,
    },
  ];
}

function toRewrite(rewrite: FetchDataRewrite): Rewrite {
  const path = rewrite.path.map(toRewriteSegment);
  return rewrite.kind === 'KeyRenamer'
    ? { kind: 'rename', path, to: rewrite.renameKeyTo }
    : { kind: 'set', path, value: String(rewrite.setValueTo) };
}

function toRewriteSegment(segment: string): RewriteSegment {
  return segment.startsWith(FRAGMENT)
    ? { kind: 'types', types: [segment.slice(FRAGMENT.length)] }
    : toKey(segment);
}

function toContextArgument({
  path,
  renameKeyTo,
}: {
  readonly path: readonly string[];
  readonly renameKeyTo: string;
}): ContextArgument {
  const up = path.findIndex((segment) => segment !== '..');
  return { variable: renameKeyTo, up, path: path.slice(up).map(toRewriteSegment) };
}
