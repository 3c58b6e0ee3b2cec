import {
  type DefinitionNode,
  Kind,
  print,
  type SelectionNode,
  type SelectionSetNode,
  stripIgnoredCharacters,
} from 'graphql';
import { mapFetches } from '../plan/map-fetches.ts';
import type { Fetch, Plan } from '../plan/plan.ts';
import type { SupergraphTypes } from '../supergraph/supergraph-types.ts';
import { findPlaceTypes, type PlaceType, type PlaceTypes } from './place-types.ts';

const typename: SelectionNode = {
  kind: Kind.FIELD,
  name: { kind: Kind.NAME, value: '__typename' },
};

/**
 * The plan with documents that ask for `__typename` where it is needed and nowhere else, and what is known of the types
 * where they do not.
 *
 * Planners leave it out of interfaces and unions where no fragment needs it. The answer needs it everywhere: an
 * implementation may be stricter than its interface, or one that clients must not see. It costs no further call.
 * And they ask it of every entity, also where it can be but one: that is up to a third of what a subgraph answers.
 */
export function withNeededTypenames<P extends Plan>(
  plan: P,
  types: SupergraphTypes,
): { readonly complete: P; readonly root: PlaceType } {
  const places = findPlaceTypes(plan, types);
  const complete = mapFetches(plan, (fetch) => ({
    ...fetch,
    document: completeDocument(fetch, types, places),
  }));
  return { complete, root: places.root };
}

function completeDocument(fetch: Fetch, types: SupergraphTypes, places: PlaceTypes): string {
  const document = places.documentOf(fetch);
  let isChanged = false;
  const complete = (selections: SelectionSetNode, type: string | null): SelectionSetNode => {
    const completed = selections.selections.map((selection): SelectionNode => {
      if (selection.kind === Kind.FRAGMENT_SPREAD || selection.selectionSet === undefined)
        return selection;
      const inner =
        selection.kind === Kind.FIELD
          ? type && types.typeOfField(type, selection.name.value)
          : (selection.typeCondition?.name.value ?? type);
      return { ...selection, selectionSet: complete(selection.selectionSet, inner) };
    });
    if (places.areKnown(selections)) {
      const others = completed.filter((selection) => !isPlainTypename(selection));
      if (others.length === completed.length || others.length === 0)
        return { ...selections, selections: completed };
      isChanged = true;
      return { ...selections, selections: others };
    }
    const isNeeded =
      type !== null && types.isAbstract(type) && !selections.selections.some(isPlainTypename);
    if (isNeeded) isChanged = true;
    return { ...selections, selections: isNeeded ? [typename, ...completed] : completed };
  };
  const definitions = document.definitions.map((definition): DefinitionNode => {
    if (definition.kind === Kind.OPERATION_DEFINITION) {
      const selectionSet = complete(definition.selectionSet, types.rootType(fetch.operation));
      return { ...definition, selectionSet };
    }
    if (definition.kind !== Kind.FRAGMENT_DEFINITION) return definition;
    const selectionSet = complete(definition.selectionSet, definition.typeCondition.name.value);
    return { ...definition, selectionSet };
  });
  return isChanged ? stripIgnoredCharacters(print({ ...document, definitions })) : fetch.document;
}

function isPlainTypename(selection: SelectionNode): boolean {
  return (
    selection.kind === Kind.FIELD &&
    selection.name.value === '__typename' &&
    selection.alias === undefined &&
    (selection.directives ?? []).length === 0
  );
}
