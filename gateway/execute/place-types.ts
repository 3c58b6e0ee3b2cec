import {
  type DocumentNode,
  type FragmentDefinitionNode,
  Kind,
  parse,
  type SelectionSetNode,
} from 'graphql';
import { keyOf } from '../operation/pick-root-fields.ts';
import { fetchesOf } from '../plan/fetches-of.ts';
import type { Fetch, PathSegment, Plan } from '../plan/plan.ts';
import { renamedKeys } from '../plan/renamed-keys.ts';
import type { SupergraphTypes } from '../supergraph/supergraph-types.ts';

/** A place in an answer by the response keys that lead to it, whatever the indices on the way. */
export interface PlaceType {
  /** The type of all objects there, where the supergraph alone tells it; else they have to say it themselves. */
  readonly object: string | null;
  at(key: string): PlaceType;
  follow(path: readonly PathSegment[]): PlaceType;
}

/** What the supergraph tells of the objects that a plan fetches. */
export interface PlaceTypes {
  readonly root: PlaceType;
  /** The parsed document of one of the plan's fetches. */
  documentOf(fetch: Fetch): DocumentNode;
  /** Whether objects tell their type in vain wherever `selections`, of such a document, are asked of them. */
  areKnown(selections: SelectionSetNode): boolean;
}

/**
 * Follows the documents of a plan through the answer. A field of an object type has objects of that type in every
 * subgraph, as composition allows no other; where several fields meet under one key, all of them have to have it.
 */
export function findPlaceTypes(plan: Plan, types: SupergraphTypes): PlaceTypes {
  const fetches = fetchesOf(plan);
  const documents = new Map(
    fetches.map((fetch) => [fetch, parse(fetch.document, { noLocation: true })]),
  );
  const placesOf = new Map<SelectionSetNode, Set<Place>>();
  const root = new Place();
  // What is renamed after it came stands in places that no document names.
  if (fetches.flatMap(renamedKeys).length === 0) {
    for (const [fetch, document] of documents) {
      followDocument(fetch, document, root, placesOf, types);
    }
  }
  return {
    root,
    documentOf(fetch) {
      const document = documents.get(fetch);
      if (document === undefined) throw new TypeError('A fetch belongs to another plan');
      return document;
    },
    areKnown(selections) {
      const places = placesOf.get(selections);
      if (places === undefined) return false;
      for (const { object } of places) if (object === null) return false;
      return true;
    },
  };
}

class Place implements PlaceType {
  object: string | null = null;
  #isDecided = false;
  readonly #inner = new Map<string, Place>();

  at(key: string): Place {
    let place = this.#inner.get(key);
    if (place === undefined) {
      place = new Place();
      this.#inner.set(key, place);
    }
    return place;
  }

  follow(path: readonly PathSegment[]): Place {
    return path.reduce<Place>((place, segment) => {
      return segment.kind === 'key' ? place.at(segment.key) : place;
    }, this);
  }

  /** Says the type of objects that come to stand here; null when it is not that of an object. */
  add(type: string | null): void {
    if (!this.#isDecided) this.object = type;
    else if (this.object !== type) this.object = null;
    this.#isDecided = true;
  }
}

function followDocument(
  fetch: Fetch,
  document: DocumentNode,
  root: Place,
  placesOf: Map<SelectionSetNode, Set<Place>>,
  types: SupergraphTypes,
): void {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION)
      fragments.set(definition.name.value, definition);
  }
  const visit = (selections: SelectionSetNode, place: Place, type: string | null): void => {
    const places = placesOf.get(selections);
    if (places?.has(place)) return;
    if (places === undefined) placesOf.set(selections, new Set([place]));
    else places.add(place);
    for (const selection of selections.selections) {
      if (selection.kind === Kind.FRAGMENT_SPREAD) {
        const fragment = fragments.get(selection.name.value);
        if (fragment !== undefined)
          visit(fragment.selectionSet, place, fragment.typeCondition.name.value);
      } else if (selection.kind === Kind.INLINE_FRAGMENT) {
        visit(selection.selectionSet, place, selection.typeCondition?.name.value ?? type);
      } else if (selection.selectionSet !== undefined) {
        const inner = place.at(keyOf(selection));
        const named = type === null ? null : types.typeOfField(type, selection.name.value);
        inner.add(named === null || types.isAbstract(named) ? null : named);
        visit(selection.selectionSet, inner, named);
      }
    }
  };
  for (const definition of document.definitions) {
    if (definition.kind !== Kind.OPERATION_DEFINITION) continue;
    if (fetch.batches.length === 0) {
      const type = types.rootType(fetch.operation);
      root.add(type);
      visit(definition.selectionSet, root, type);
      continue;
    }
    for (const selection of definition.selectionSet.selections) {
      if (selection.kind !== Kind.FIELD || selection.selectionSet === undefined) continue;
      const key = keyOf(selection);
      for (const batch of fetch.batches.filter((each) => each.key === key)) {
        for (const path of batch.paths) {
          visit(selection.selectionSet, root.follow(path), null);
        }
      }
    }
  }
}
