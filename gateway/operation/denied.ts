import {
  type ASTNode,
  type DirectiveNode,
  type FieldNode,
  type FragmentDefinitionNode,
  Kind,
  type OperationDefinitionNode,
  visit,
} from 'graphql';
import type { AccessPoint } from './access-points.ts';
import type { Operation } from './resolve-conditions.ts';

/**
 * The name of the directive that a denied field has inside the gateway. No client can write it: no schema
 * defines it.
 */
const MARK = 'castellan__denied';

/**
 * The operation with its denied fields marked, and all that stands below them. The answer shows them as null and
 * says why; `withoutDenied` is what is planned.
 */
export function markDenied(operation: Operation, denied: readonly AccessPoint[]): Operation {
  const points = new Map(denied.map(({ node, index }) => [node, index]));
  return mapOperation(operation, (root) => {
    // The denied field that the visitor is below, if any.
    const above: number[] = [];
    return visit(root, {
      Field: {
        enter(node) {
          const point = above.at(-1) ?? points.get(node);
          if (point === undefined) return undefined;
          if (node.selectionSet !== undefined) above.push(point);
          return { ...node, directives: [...(node.directives ?? []), markOf(point)] };
        },
        leave(node) {
          if (node.selectionSet !== undefined && deniedPoint(node) !== null) above.pop();
        },
      },
      // Elsewhere the same fragment may be allowed.
      FragmentSpread({ name, directives = [] }) {
        const fragment = above.length > 0 ? operation.fragments.get(name.value) : undefined;
        if (fragment === undefined) return undefined;
        const { typeCondition, selectionSet } = fragment;
        return { kind: Kind.INLINE_FRAGMENT, typeCondition, directives, selectionSet };
      },
    });
  });
}

/** What of a marked operation may be asked for. Selections may be left empty. */
export function withoutDenied(operation: Operation): Operation {
  return mapOperation(operation, (root) =>
    visit(root, {
      Field(node) {
        return deniedPoint(node) === null ? undefined : null;
      },
    }),
  );
}

/** The point that denies a marked field; null for one that may be asked for. */
export function deniedPoint({ directives = [] }: FieldNode): number | null {
  for (const { name, arguments: given = [] } of directives) {
    const value = given[0]?.value;
    if (name.value === MARK && value?.kind === Kind.INT) return Number(value.value);
  }
  return null;
}

function markOf(point: number): DirectiveNode {
  return {
    kind: Kind.DIRECTIVE,
    name: { kind: Kind.NAME, value: MARK },
    arguments: [
      {
        kind: Kind.ARGUMENT,
        name: { kind: Kind.NAME, value: 'point' },
        value: { kind: Kind.INT, value: String(point) },
      },
    ],
  };
}

function mapOperation(
  { definition, fragments }: Operation,
  map: <Node extends OperationDefinitionNode | (FragmentDefinitionNode & ASTNode)>(
    node: Node,
  ) => Node,
): Operation {
  return {
    definition: map(definition),
    fragments: new Map(Array.from(fragments, ([name, fragment]) => [name, map(fragment)])),
  };
}
