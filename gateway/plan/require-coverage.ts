import {
  type FieldNode,
  type FragmentDefinitionNode,
  getOperationAST,
  Kind,
  parse,
  type SelectionSetNode,
} from 'graphql';
import { CodedError } from '#contract/errors.ts';
import { keyOf } from '../operation/pick-root-fields.ts';
import type { MembersBySubgraph } from '../supergraph/members.ts';
import type { SupergraphTypes } from '../supergraph/supergraph-types.ts';
import { fetchesOf } from './fetches-of.ts';
import type { Fetch, PathSegment, Plan } from './plan.ts';
import type { Planner } from './planner.ts';
import { renamedKeys } from './renamed-keys.ts';
import { type TypeNames, TypeSets } from './type-sets.ts';

/** What is known of the supergraph that is planned for. */
export interface PlannedGraph {
  readonly types: SupergraphTypes;
  readonly members: MembersBySubgraph;
}

/** A plan that leaves out a field for objects of some type, though not for all. */
export class IncompletePlan extends CodedError {
  readonly plan: Plan | null;

  constructor(plan: Plan | null, missing: string) {
    super('OPERATION_UNPLANNABLE', describe(missing));
    this.plan = plan;
  }
}

/**
 * A planner that refuses an operation where the plan leaves out a field. Planners do so, without a word, where no way
 * leads through the subgraphs to it, and sometimes where one does: it would be null, and nobody would learn that nobody
 * was asked.
 *
 * `of` says whether a field must be fetched for each type of objects that a subgraph can have at its place, or whether
 * one is enough.
 * @throws CodedError OPERATION_UNPLANNABLE naming the first field that is left out; IncompletePlan where it is left out
 *   for some types
 */
export function requireCoverage<More extends unknown[]>(
  plan: (...operation: [...Parameters<Planner['plan']>, ...More]) => Promise<Plan | null>,
  graph: PlannedGraph,
  of: 'every type' | 'any type',
): typeof plan {
  return async (...operation) => {
    const [document, operationName] = operation;
    const planned = await plan(...operation);
    const { everywhere, somewhere } = gapsOf(planned, document, operationName, graph);
    if (everywhere !== null) {
      throw new CodedError('OPERATION_UNPLANNABLE', describe(everywhere));
    }
    if (somewhere !== null && of === 'every type') throw new IncompletePlan(planned, somewhere);
    return planned;
  };
}

function describe(missing: string): string {
  return `No way leads through the subgraphs to "${missing}" where this operation asks for it`;
}

type Fragments = ReadonlyMap<string, FragmentDefinitionNode>;

/** What is fetched, by the response keys at a place of the answer. */
interface Keys extends Map<string, Fetched> {}

interface Fetched {
  /** The types of the objects for which it is fetched. */
  readonly of: Set<TypeNames>;
  /** The types of the objects that can come. */
  objects: TypeNames;
  readonly below: Keys;
}

interface Asked {
  readonly field: string;
  /** The types of the objects that are asked for it. */
  readonly of: Set<TypeNames>;
  /** Whether no type condition stands before it. */
  isOfAll: boolean;
  readonly below: SelectionSetNode[];
}

interface Gaps {
  /** The first field, as `Type.field`, that is asked of all objects and fetched for none. */
  everywhere: string | null;
  /** The first one that is not fetched for objects of some type. */
  somewhere: string | null;
}

function gapsOf(
  plan: Plan | null,
  document: string,
  operationName: string | undefined,
  graph: PlannedGraph,
): Gaps {
  const gaps: Gaps = { everywhere: null, somewhere: null };
  const { operation, fragments } = read(document, operationName);
  if (operation === null) return gaps;
  const { types } = graph;
  const typeSets = new TypeSets(types);
  const fetched: Keys = new Map();
  const fetches = fetchesOf(plan);
  for (const fetch of fetches) addFetch(fetch, fetched, graph, typeSets);
  const renamed = new Set(fetches.flatMap(renamedKeys));

  const look = (
    sets: readonly SelectionSetNode[],
    keys: Keys,
    declared: TypeNames,
    objects: TypeNames,
  ): void => {
    for (const [key, asked] of askedFields(sets, fragments, declared, objects, typeSets)) {
      const name = asked.field;
      if (name === '__typename' || renamed.has(key)) continue;
      const found = keys.get(key);
      const left = firstMissing(asked.of, found?.of, typeSets);
      if (left !== undefined) gaps.somewhere ??= `${left}.${name}`;
      if (found === undefined) {
        if (asked.isOfAll) gaps.everywhere ??= `${[...declared][0]}.${name}`;
      } else if (asked.below.length > 0) {
        const owners = typeSets.union([declared, ...asked.of]);
        const inner = typeSets.derive(owners, `.${name}`, () =>
          [...owners].flatMap((type) => types.typeOfField(type, name) ?? []),
        );
        look(asked.below, found.below, inner, found.objects);
      }
    }
  };
  const root = typeSets.of([types.rootType(operation.operation)]);
  look([operation.selectionSet], fetched, root, root);
  return gaps;
}

/** The first type that is asked for something and for which it is not fetched. */
function firstMissing(
  asked: ReadonlySet<TypeNames>,
  fetched: ReadonlySet<TypeNames> | undefined,
  typeSets: TypeSets,
): string | undefined {
  const others = [...asked].filter((set) => !fetched?.has(set));
  if (others.length === 0) return undefined;
  const all = typeSets.union(fetched ?? []);
  return [...typeSets.union(others)].find((type) => !all.has(type));
}

/** The fields of selections, by their response keys. */
function askedFields(
  sets: readonly SelectionSetNode[],
  fragments: Fragments,
  declared: TypeNames,
  objects: TypeNames,
  typeSets: TypeSets,
): ReadonlyMap<string, Asked> {
  const fields = new Map<string, Asked>();
  for (const { field, of, isOfAll } of sets.flatMap((set) =>
    fieldsOf(set, fragments, declared, objects, typeSets),
  )) {
    const known = fields.get(keyOf(field));
    const asked = known ?? { field: field.name.value, of: new Set(), isOfAll: false, below: [] };
    fields.set(keyOf(field), asked);
    asked.of.add(of);
    asked.isOfAll ||= isOfAll;
    if (field.selectionSet !== undefined) asked.below.push(field.selectionSet);
  }
  return fields;
}

/** Adds what a call fetches, where it is merged into the answer. */
function addFetch(fetch: Fetch, keys: Keys, graph: PlannedGraph, typeSets: TypeSets): void {
  const { operation, fragments } = read(fetch.document, undefined);
  if (operation === null) return;
  const add = (set: SelectionSetNode, into: Keys, objects: TypeNames): void => {
    for (const { field, of } of fieldsOf(set, fragments, objects, objects, typeSets)) {
      const name = field.name.value;
      const found = stepInto(into, keyOf(field), typeSets);
      found.of.add(of);
      if (field.selectionSet === undefined) continue;
      const inner = typeSets.derive(of, `${fetch.subgraph} .${name}`, () =>
        objectsOf(graph, fetch.subgraph, of, name),
      );
      found.objects = typeSets.union([found.objects, inner]);
      add(field.selectionSet, found.below, inner);
    }
  };
  const root = typeSets.of([graph.types.rootType(fetch.operation)]);
  if (fetch.batches.length === 0) {
    add(operation.selectionSet, keys, root);
    return;
  }
  for (const { field } of fieldsOf(operation.selectionSet, fragments, root, root, typeSets)) {
    const batch = fetch.batches.find(({ key }) => key === keyOf(field));
    if (batch === undefined || field.selectionSet === undefined) continue;
    for (const path of batch.paths) {
      const { below, objects } = placeOf(path, keys, typeSets);
      // Those of which it has a representation.
      const represented = batch.requires.flatMap((each) =>
        each.kind === 'fragment' ? typeSets.meeting(objects, each.type) : [],
      );
      add(field.selectionSet, below, typeSets.union(represented));
    }
  }
}

/** The types of objects that a subgraph can answer for a field; all of them where it knows an interface as an object. */
function objectsOf(
  { types, members }: PlannedGraph,
  subgraph: string,
  owners: TypeNames,
  field: string,
): readonly string[] {
  const declared = new Set(
    Array.from(
      owners,
      (type) => members.ownTypeIn(subgraph, type, field) ?? types.typeOfField(type, field),
    ),
  );
  return [...declared].flatMap((type) => {
    if (type === null || !types.isAbstract(type)) return type ?? [];
    const known = members.membersIn(subgraph, type);
    return known.length > 0 ? known : types.objectsOf(type);
  });
}

/** Where a path leads, with the types of the objects that it leads to. */
function placeOf(
  path: readonly PathSegment[],
  keys: Keys,
  typeSets: TypeSets,
): { readonly below: Keys; readonly objects: TypeNames } {
  let below = keys;
  let objects = typeSets.of([]);
  for (const segment of path) {
    if (segment.kind === 'key') {
      const found = stepInto(below, segment.key, typeSets);
      below = found.below;
      objects = found.objects;
    } else if (segment.kind === 'types') {
      objects = typeSets.of([...objects].filter((type) => segment.types.includes(type)));
    }
  }
  return { below, objects };
}

function stepInto(keys: Keys, key: string, typeSets: TypeSets): Fetched {
  const known = keys.get(key);
  if (known !== undefined) return known;
  const found: Fetched = { of: new Set(), objects: typeSets.of([]), below: new Map() };
  keys.set(key, found);
  return found;
}

interface SelectedField {
  readonly field: FieldNode;
  /** The types of the objects that meet the type conditions before it. */
  readonly of: TypeNames;
  /** Whether all objects of the declared types meet them. */
  readonly isOfAll: boolean;
}

/** The fields of a selection and of the fragments in it, of which objects they are. */
function fieldsOf(
  { selections }: SelectionSetNode,
  fragments: Fragments,
  declared: TypeNames,
  objects: TypeNames,
  typeSets: TypeSets,
  isOfAll = true,
): SelectedField[] {
  return selections.flatMap((selection): SelectedField[] => {
    if (selection.kind === Kind.FIELD) return [{ field: selection, of: objects, isOfAll }];
    const fragment =
      selection.kind === Kind.INLINE_FRAGMENT ? selection : fragments.get(selection.name.value);
    if (fragment === undefined) return [];
    const condition = fragment.typeCondition?.name.value;
    const left = typeSets.meeting(objects, condition);
    const all = isOfAll && typeSets.meeting(declared, condition) === declared;
    return fieldsOf(fragment.selectionSet, fragments, declared, left, typeSets, all);
  });
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
