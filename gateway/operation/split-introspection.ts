import {
  type DocumentNode,
  type FragmentDefinitionNode,
  Kind,
  type OperationDefinitionNode,
  type SelectionNode,
  visit,
} from 'graphql';

/** An operation in two: what the gateway answers from the schema, and what subgraphs answer. */
export interface SplitOperation {
  readonly introspection: OperationDefinitionNode | null;
  readonly fetched: OperationDefinitionNode | null;
}

/** Takes the fields `__schema` and `__type` apart from the others; planners know nothing of them. */
export function splitIntrospection(
  document: DocumentNode,
  operation: OperationDefinitionNode,
): SplitOperation {
  if (!asksForSchema(document)) {
    const isFetched = operation.selectionSet.selections.some((each) => !isTypename(each));
    return { introspection: null, fetched: isFetched ? operation : null };
  }
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION)
      fragments.set(definition.name.value, definition);
  }
  const parts = splitSelections(operation.selectionSet.selections, fragments);
  return {
    introspection: withSelections(operation, parts.introspection),
    fetched: parts.fetched.every(isTypename) ? null : withSelections(operation, parts.fetched),
  };
}

function asksForSchema(document: DocumentNode): boolean {
  let found = false;
  visit(document, {
    Field(node) {
      if (isSchemaField(node.name.value)) found = true;
    },
  });
  return found;
}

function splitSelections(
  selections: readonly SelectionNode[],
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
): { readonly introspection: SelectionNode[]; readonly fetched: SelectionNode[] } {
  const introspection: SelectionNode[] = [];
  const fetched: SelectionNode[] = [];
  for (const selection of selections) {
    if (selection.kind === Kind.FIELD) {
      (isSchemaField(selection.name.value) ? introspection : fetched).push(selection);
      continue;
    }
    const fragment =
      selection.kind === Kind.FRAGMENT_SPREAD ? fragments.get(selection.name.value) : selection;
    if (fragment === undefined) continue;
    const parts = splitSelections(fragment.selectionSet.selections, fragments);
    const wrap = (inner: readonly SelectionNode[]): SelectionNode[] =>
      inner.length === 0
        ? []
        : [
            {
              kind: Kind.INLINE_FRAGMENT,
              ...(fragment.typeCondition !== undefined && {
                typeCondition: fragment.typeCondition,
              }),
              ...(selection.directives !== undefined && { directives: selection.directives }),
              selectionSet: { kind: Kind.SELECTION_SET, selections: inner },
            },
          ];
    introspection.push(...wrap(parts.introspection));
    fetched.push(...wrap(parts.fetched));
  }
  return { introspection, fetched };
}

function withSelections(
  operation: OperationDefinitionNode,
  selections: readonly SelectionNode[],
): OperationDefinitionNode | null {
  if (selections.length === 0) return null;
  return { ...operation, selectionSet: { kind: Kind.SELECTION_SET, selections } };
}

function isSchemaField(name: string): boolean {
  return name === '__schema' || name === '__type';
}

function isTypename(selection: SelectionNode): boolean {
  return selection.kind === Kind.FIELD && selection.name.value === '__typename';
}
