import {
  type FieldNode,
  type FragmentDefinitionNode,
  Kind,
  type OperationDefinitionNode,
  type SelectionNode,
} from 'graphql';

type Fragments = ReadonlyMap<string, FragmentDefinitionNode>;

/**
 * The operation with those of its root fields that `isPicked` chooses, inside the fragments and conditions that
 * they stand in; null when none is left.
 */
export function pickRootFields(
  operation: OperationDefinitionNode,
  fragments: Fragments,
  isPicked: (field: FieldNode) => boolean,
): OperationDefinitionNode | null {
  const selections = pick(operation.selectionSet.selections, fragments, isPicked);
  if (selections.length === 0) return null;
  return { ...operation, selectionSet: { kind: Kind.SELECTION_SET, selections } };
}

/** The response keys of an operation's root fields, in their order. */
export function rootKeys(operation: OperationDefinitionNode, fragments: Fragments): string[] {
  const keys = new Set<string>();
  pick(operation.selectionSet.selections, fragments, (field) => {
    keys.add(keyOf(field));
    return false;
  });
  return Array.from(keys);
}

export function keyOf(field: FieldNode): string {
  return field.alias?.value ?? field.name.value;
}

function pick(
  selections: readonly SelectionNode[],
  fragments: Fragments,
  isPicked: (field: FieldNode) => boolean,
): SelectionNode[] {
  return selections.flatMap((selection): SelectionNode[] => {
    if (selection.kind === Kind.FIELD) return isPicked(selection) ? [selection] : [];
    const fragment =
      selection.kind === Kind.FRAGMENT_SPREAD ? fragments.get(selection.name.value) : selection;
    if (fragment === undefined) return [];
    const inner = pick(fragment.selectionSet.selections, fragments, isPicked);
    if (inner.length === 0) return [];
    return [
      {
        kind: Kind.INLINE_FRAGMENT,
        ...(fragment.typeCondition !== undefined && { typeCondition: fragment.typeCondition }),
        ...(selection.directives !== undefined && { directives: selection.directives }),
        selectionSet: { kind: Kind.SELECTION_SET, selections: inner },
      },
    ];
  });
}
