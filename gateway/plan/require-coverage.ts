import {
  type FieldNode,
  type FragmentDefinitionNode,
  getOperationAST,
  Kind,
  parse,
  type SelectionSetNode,
} from 'graphql';
import { CodedError } from '#contract/errors.ts';
import type { SupergraphTypes } from '../supergraph/supergraph-types.ts';
import type { Fetch, Plan } from './plan.ts';
import type { Planner } from './planner.ts';

type Fragments = ReadonlyMap<string, FragmentDefinitionNode>;

/** Response keys, and those below each of them. */
interface Keys extends Map<string, Keys> {}

/**
 * A planner that refuses an operation where the plan leaves out a field. Planners do so, without a word, where no way
 * leads through the subgraphs to it: it would be null, and nobody would learn that nobody was asked.
 *
 * Fields under type conditions are not looked at: what no subgraph at hand can have there is left out rightly.
 * @throws CodedError OPERATION_UNPLANNABLE naming the first field that is left out
 */
export function requireCoverage<More extends unknown[]>(
  plan: (...operation: [...Parameters<Planner['plan']>, ...More]) => Promise<Plan | null>,
  types: SupergraphTypes,
): typeof plan {
  return async (...operation) => {
    const [document, operationName] = operation;
    const planned = await plan(...operation);
    const missing = missingField(planned, document, operationName, types);
    if (missing === null) return planned;
    throw new CodedError(
      'OPERATION_UNPLANNABLE',
      `No way leads through the subgraphs to "${missing}" where this operation asks for it`,
    );
  };
}

/** The first field, as `Type.field`, that an operation asks for in any case and that its plan fetches nowhere. */
function missingField(
  plan: Plan | null,
  document: string,
  operationName: string | undefined,
  types: SupergraphTypes,
): string | null {
  const { operation, fragments } = read(document, operationName);
  if (operation === null) return null;
  const fetched: Keys = new Map();
  const renamed = new Set<string>();
  for (const fetch of plan === null ? [] : fetchesOf(plan)) addKeys(fetch, fetched, renamed);

  const look = (set: SelectionSetNode, keys: Keys, type: string): string | null => {
    for (const field of fieldsOf(set, fragments, (each) => types.matches(each, type))) {
      const name = field.name.value;
      if (name === '__typename' || renamed.has(keyOf(field))) continue;
      const below = keys.get(keyOf(field));
      if (below === undefined) return `${type}.${name}`;
      const inner = types.typeOfField(type, name);
      if (field.selectionSet === undefined || inner === null) continue;
      const missing = look(field.selectionSet, below, inner);
      if (missing !== null) return missing;
    }
    return null;
  };
  return look(operation.selectionSet, fetched, types.rootType(operation.operation));
}

/** Adds what a call fetches, where it is merged into the answer. */
function addKeys(fetch: Fetch, keys: Keys, renamed: Set<string>): void {
  const { operation, fragments } = read(fetch.document, undefined);
  if (operation === null) return;
  const everything = (): boolean => true;
  const add = (set: SelectionSetNode, into: Keys): void => {
    for (const field of fieldsOf(set, fragments, everything)) {
      const below = step(into, keyOf(field));
      if (field.selectionSet !== undefined) add(field.selectionSet, below);
    }
  };
  const rewrites = [fetch, ...fetch.batches].flatMap(({ outputRewrites }) => outputRewrites);
  for (const rewrite of rewrites) if (rewrite.kind === 'rename') renamed.add(rewrite.to);
  if (fetch.batches.length === 0) {
    add(operation.selectionSet, keys);
    return;
  }
  for (const field of fieldsOf(operation.selectionSet, fragments, everything)) {
    if (field.selectionSet === undefined) continue;
    const batch = fetch.batches.find(({ key }) => key === keyOf(field));
    for (const path of batch?.paths ?? []) {
      let place = keys;
      for (const segment of path) if (segment.kind === 'key') place = step(place, segment.key);
      add(field.selectionSet, place);
    }
  }
}

function step(keys: Keys, key: string): Keys {
  const known = keys.get(key);
  if (known !== undefined) return known;
  const below: Keys = new Map();
  keys.set(key, below);
  return below;
}

/** The fields of a selection and of the fragments in it whose type conditions pass. */
function fieldsOf(
  { selections }: SelectionSetNode,
  fragments: Fragments,
  passes: (condition: string) => boolean,
): FieldNode[] {
  return selections.flatMap((selection): FieldNode[] => {
    if (selection.kind === Kind.FIELD) return [selection];
    const fragment =
      selection.kind === Kind.INLINE_FRAGMENT ? selection : fragments.get(selection.name.value);
    if (fragment === undefined) return [];
    const condition = fragment.typeCondition?.name.value;
    if (condition !== undefined && !passes(condition)) return [];
    return fieldsOf(fragment.selectionSet, fragments, passes);
  });
}

function fetchesOf(plan: Plan): Fetch[] {
  switch (plan.kind) {
    case 'fetch':
      return [plan];
    case 'sequence':
    case 'parallel':
      return plan.nodes.flatMap(fetchesOf);
    case 'subscription':
      return [plan.primary, ...(plan.rest === null ? [] : fetchesOf(plan.rest))];
    case 'defer':
      return [plan.primary, ...plan.deferred].flatMap(({ node }) =>
        node === null ? [] : fetchesOf(node),
      );
  }
}

function read(document: string, operationName: string | undefined) {
  const parsed = parse(document, { noLocation: true });
  const fragments: Fragments = new Map(
    parsed.definitions.flatMap((each) =>
      each.kind === Kind.FRAGMENT_DEFINITION ? [[each.name.value, each] as const] : [],
    ),
  );
  return { operation: getOperationAST(parsed, operationName) ?? null, fragments };
}

function keyOf(field: FieldNode): string {
  return field.alias?.value ?? field.name.value;
}
