import {
  type ASTNode,
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

/**
 * An operation or fragment with `__typename` where its conditions left nothing to select, which no planner and
 * no subgraph takes. Nobody sees it: the answer is written by the operation as it was.
 */
export function fillEmpty<Node extends OperationDefinitionNode | FragmentDefinitionNode>(
  definition: Node,
): Node {
  return visit(definition, {
    enter(node: ASTNode) {
      const isEmpty = node.kind === Kind.SELECTION_SET && node.selections.length === 0;
      return isEmpty ? { ...node, selections: [typename] } : undefined;
    },
  });
}
