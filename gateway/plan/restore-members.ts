import {
  type FieldNode,
  type FragmentDefinitionNode,
  Kind,
  type OperationDefinitionNode,
  parse,
  print,
  type SelectionNode,
  type SelectionSetNode,
  stripIgnoredCharacters,
  visit,
} from 'graphql';
import type { MembersBySubgraph } from '../supergraph/members.ts';
import type { SupergraphTypes } from '../supergraph/supergraph-types.ts';
import { mapFetches } from './map-fetches.ts';
import type { Fetch, PathSegment, Plan } from './plan.ts';

/** What a plan was made for. */
export interface PlanSource {
  readonly operation: OperationDefinitionNode;
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  readonly types: SupergraphTypes;
  readonly members: MembersBySubgraph;
}

/**
 * A plan that asks each subgraph about all members of a union or interface that it knows.
 *
 * Planners leave out members that other subgraphs do not know, wherever a shared field leads to them: also where only
 * the one that knows them is asked. Its objects would come without their fields, and nobody would know.
 */
export function restoreMembers<P extends Plan>(plan: P, source: PlanSource): P {
  if (!source.members.differ) return plan;
  return mapFetches(plan, (fetch) => restoreInFetch(fetch, source));
}

function restoreInFetch(fetch: Fetch, source: PlanSource): Fetch {
  const [definition, ...others] = parse(fetch.document, { noLocation: true }).definitions;
  if (definition?.kind !== Kind.OPERATION_DEFINITION || others.length > 0) return fetch;
  const restored: SelectionNode[] = [];
  const restore = restorer(fetch.subgraph, source, restored);
  const root = [source.operation.selectionSet];
  const selectionSet =
    fetch.batches.length === 0
      ? restore(definition.selectionSet, root, source.types.rootType(fetch.operation))
      : {
          ...definition.selectionSet,
          selections: definition.selectionSet.selections.map((selection): SelectionNode => {
            if (selection.kind !== Kind.FIELD || selection.selectionSet === undefined)
              return selection;
            const key = selection.alias?.value ?? selection.name.value;
            const batch = fetch.batches.find((each) => each.key === key);
            const asked = (batch?.paths ?? []).flatMap((path) => selectionsAt(path, root, source));
            return { ...selection, selectionSet: restore(selection.selectionSet, asked, null) };
          }),
        };
  if (restored.length === 0) return fetch;
  const used = variablesOf(restored);
  const missing = (source.operation.variableDefinitions ?? []).filter(
    ({ variable }) =>
      used.has(variable.name.value) && !fetch.variables.includes(variable.name.value),
  );
  return {
    ...fetch,
    variables: [...fetch.variables, ...missing.map(({ variable }) => variable.name.value)],
    document: stripIgnoredCharacters(
      print({
        ...definition,
        variableDefinitions: [...(definition.variableDefinitions ?? []), ...missing],
        selectionSet,
      }),
    ),
  };
}

type Restore = (
  selections: SelectionSetNode,
  asked: readonly SelectionSetNode[],
  type: string | null,
) => SelectionSetNode;

/** Completes what a subgraph is asked, beside what the client has asked; what it adds goes into `restored` as well. */
function restorer(subgraph: string, source: PlanSource, restored: SelectionNode[]): Restore {
  const { types, members } = source;
  const restore: Restore = (set, asked, type) => {
    const selections = set.selections.map((selection): SelectionNode => {
      if (selection.kind === Kind.FRAGMENT_SPREAD || !selection.selectionSet) return selection;
      if (selection.kind === Kind.INLINE_FRAGMENT) {
        const inner = selection.typeCondition?.name.value ?? type;
        return { ...selection, selectionSet: restore(selection.selectionSet, asked, inner) };
      }
      const { value: field } = selection.name;
      const inner =
        type && (members.ownTypeIn(subgraph, type, field) ?? types.typeOfField(type, field));
      const below = fieldsIn(asked, source, () => true)
        .filter((each) => keyOf(each) === keyOf(selection) && each.name.value === field)
        .flatMap((each) => each.selectionSet ?? []);
      return { ...selection, selectionSet: restore(selection.selectionSet, below, inner) };
    });
    if (type === null || !types.isAbstract(type)) return { ...set, selections };
    for (const member of members.membersIn(subgraph, type)) {
      // What the plan says of a member is complete, or another fetch completes it.
      if (mentions(set, member, types)) continue;
      const applies = (condition: string): boolean => types.matches(condition, member);
      const own = answerable(fieldsIn(asked, source, applies), member);
      if (own.length === 0) continue;
      const fragment: SelectionNode = {
        kind: Kind.INLINE_FRAGMENT,
        typeCondition: { kind: Kind.NAMED_TYPE, name: { kind: Kind.NAME, value: member } },
        selectionSet: { kind: Kind.SELECTION_SET, selections: own },
      };
      selections.push(fragment);
      restored.push(fragment);
    }
    return { ...set, selections };
  };
  const answerable = (fields: readonly FieldNode[], type: string): FieldNode[] =>
    fields.flatMap((field) => {
      const inner = members.fieldIn(subgraph, type, field.name.value);
      if (inner === null || field.name.value === '__typename') return [];
      if (field.selectionSet === undefined) return [field];
      if (types.isAbstract(inner)) return [];
      const below = answerable(
        fieldsIn([field.selectionSet], source, () => true),
        inner,
      );
      const selectionSet = { ...field.selectionSet, selections: below };
      return below.length === 0 ? [] : [{ ...field, selectionSet }];
    });
  return restore;
}

/** The client's selections of the objects at a path. */
function selectionsAt(
  path: readonly PathSegment[],
  root: readonly SelectionSetNode[],
  source: PlanSource,
): readonly SelectionSetNode[] {
  let sets = root;
  for (const segment of path) {
    if (segment.kind !== 'key') continue;
    sets = fieldsIn(sets, source, () => true)
      .filter((field) => keyOf(field) === segment.key)
      .flatMap((field) => field.selectionSet ?? []);
  }
  return sets;
}

/** All fields of selections and of the fragments in them whose type conditions apply. */
function fieldsIn(
  sets: readonly SelectionSetNode[],
  source: PlanSource,
  applies: (condition: string) => boolean,
): FieldNode[] {
  return sets.flatMap(({ selections }) =>
    selections.flatMap((selection): FieldNode[] => {
      if (selection.kind === Kind.FIELD) return [selection];
      const fragment =
        selection.kind === Kind.INLINE_FRAGMENT
          ? selection
          : source.fragments.get(selection.name.value);
      if (fragment === undefined) return [];
      const condition = fragment.typeCondition?.name.value;
      if (condition !== undefined && !applies(condition)) return [];
      return fieldsIn([fragment.selectionSet], source, applies);
    }),
  );
}

/** Whether a selection has anything but `__typename` for objects of a type. */
function mentions(set: SelectionSetNode, member: string, types: SupergraphTypes): boolean {
  return set.selections.some((selection) => {
    if (selection.kind === Kind.FIELD) return selection.name.value !== '__typename';
    if (selection.kind === Kind.FRAGMENT_SPREAD) return true;
    const condition = selection.typeCondition?.name.value;
    return condition === undefined || types.matches(condition, member);
  });
}

function keyOf(field: FieldNode): string {
  return field.alias?.value ?? field.name.value;
}

function variablesOf(selections: readonly SelectionNode[]): ReadonlySet<string> {
  const names = new Set<string>();
  for (const selection of selections) {
    visit(selection, {
      Variable({ name }) {
        names.add(name.value);
      },
    });
  }
  return names;
}
