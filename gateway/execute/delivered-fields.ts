import {
  type DefinitionNode,
  type FragmentDefinitionNode,
  Kind,
  parse,
  type SelectionSetNode,
} from 'graphql';
import { toClientName } from '../operation/private-names.ts';
import type { Fetch, PathSegment } from '../plan/plan.ts';

const fieldsOfFetch: WeakMap<Fetch, ReadonlySet<string>> = new WeakMap();

/**
 * The fields of the answer that a fetch was to deliver: the client's response keys from the root, joined by dots,
 * without list indices. Worked out only when a fetch fails.
 */
export function deliveredFields(fetch: Fetch): ReadonlySet<string> {
  let fields = fieldsOfFetch.get(fetch);
  if (fields === undefined) {
    fields = readDeliveredFields(fetch);
    fieldsOfFetch.set(fetch, fields);
  }
  return fields;
}

function readDeliveredFields(fetch: Fetch): ReadonlySet<string> {
  const { definitions } = parse(fetch.document, { noLocation: true });
  const fragments = new Map(
    definitions.filter(isFragment).map((fragment) => [fragment.name.value, fragment]),
  );
  const operation = definitions.find((each) => each.kind === Kind.OPERATION_DEFINITION);
  const keys = new Map<string, SelectionSetNode | undefined>();
  const collect = (
    selections: SelectionSetNode,
    into: (key: string, set?: SelectionSetNode) => void,
  ): void => {
    for (const selection of selections.selections) {
      if (selection.kind === Kind.FIELD) {
        into(selection.alias?.value ?? selection.name.value, selection.selectionSet);
      } else if (selection.kind === Kind.INLINE_FRAGMENT) {
        collect(selection.selectionSet, into);
      } else {
        const fragment = fragments.get(selection.name.value);
        if (fragment !== undefined) collect(fragment.selectionSet, into);
      }
    }
  };
  if (operation !== undefined) collect(operation.selectionSet, (key, set) => keys.set(key, set));
  if (fetch.batches.length === 0) return new Set(Array.from(keys.keys(), toClientName));

  const fields = new Set<string>();
  for (const batch of fetch.batches) {
    const selections = keys.get(batch.key);
    if (selections === undefined) continue;
    for (const path of batch.paths) {
      collect(selections, (key) => fields.add([...keysOf(path), key].map(toClientName).join('.')));
    }
  }
  return fields;
}

function isFragment(definition: DefinitionNode): definition is FragmentDefinitionNode {
  return definition.kind === Kind.FRAGMENT_DEFINITION;
}

function keysOf(path: readonly PathSegment[]): string[] {
  return path.flatMap((segment) => (segment.kind === 'key' ? segment.key : []));
}
