import {
  type DirectiveNode,
  type FragmentDefinitionNode,
  Kind,
  type OperationDefinitionNode,
  type SelectionNode,
  visit,
} from 'graphql';

const typename: SelectionNode = {
  kind: Kind.FIELD,
  name: { kind: Kind.NAME, value: '__typename' },
};

/** An operation or fragment without what a literal `@skip(if: true)` or `@include(if: false)` takes out of it anyway. */
export function dropSkipped<Node extends OperationDefinitionNode | FragmentDefinitionNode>(
  definition: Node,
): Node {
  return visit(definition, {
    SelectionSet: {
      enter(node) {
        const selections = node.selections.filter((selection) => !isSkipped(selection));
        if (selections.length === node.selections.length) return undefined;
        // Nobody sees it: the answer is written by the operation as it was.
        return { ...node, selections: selections.length === 0 ? [typename] : selections };
      },
    },
  });
}

function isSkipped({ directives = [] }: SelectionNode): boolean {
  return directives.some(
    (directive) =>
      (directive.name.value === 'skip' && literalOf(directive) === true) ||
      (directive.name.value === 'include' && literalOf(directive) === false),
  );
}

function literalOf(directive: DirectiveNode): boolean | null {
  const value = directive.arguments?.find((each) => each.name.value === 'if')?.value;
  return value?.kind === Kind.BOOLEAN ? value.value : null;
}
