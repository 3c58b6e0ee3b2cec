import {
  type ASTNode,
  type FragmentDefinitionNode,
  Kind,
  type OperationDefinitionNode,
  type SelectionNode,
  visit,
} from 'graphql';
import { toClientName } from './private-names.ts';

/** An operation and its fragments, by name. */
export interface Operation {
  readonly definition: OperationDefinitionNode;
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
}

/**
 * The operation for these values of its variables: what `@skip` and `@include` leave of it (GraphQL
 * specification, §3.13.1–2), and neither of them any more. Selections may be left empty.
 */
export function resolveConditions(
  { definition, fragments }: Operation,
  variables: Readonly<Record<string, unknown>>,
): Operation {
  const resolve = <Node extends OperationDefinitionNode | FragmentDefinitionNode>(
    node: Node,
  ): Node =>
    visit(node, {
      enter(each: ASTNode) {
        if (each.kind === Kind.DIRECTIVE) {
          return each.name.value === 'skip' || each.name.value === 'include' ? null : undefined;
        }
        if (each.kind !== Kind.SELECTION_SET) return undefined;
        const selections = each.selections.filter((one) => takesPart(one, variables));
        return selections.length === each.selections.length ? undefined : { ...each, selections };
      },
    });
  return {
    definition: resolve(definition),
    fragments: new Map(Array.from(fragments, ([name, fragment]) => [name, resolve(fragment)])),
  };
}

function takesPart(
  { directives = [] }: SelectionNode,
  variables: Readonly<Record<string, unknown>>,
): boolean {
  return directives.every((directive) => {
    const name = directive.name.value;
    if (name !== 'skip' && name !== 'include') return true;
    const condition = directive.arguments?.find((each) => each.name.value === 'if')?.value;
    const holds =
      condition?.kind === Kind.VARIABLE
        ? variables[toClientName(condition.name.value)] === true
        : condition?.kind === Kind.BOOLEAN && condition.value;
    return holds === (name === 'include');
  });
}
