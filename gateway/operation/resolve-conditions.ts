import {
  type ArgumentNode,
  type ASTNode,
  type DirectiveNode,
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
 * specification, §3.13.1–2), and neither of them any more. Selections may be left empty. What remains of
 * `@defer` is those that hold, without their conditions; none when the answer comes in one piece.
 */
export function resolveConditions(
  { definition, fragments }: Operation,
  variables: Readonly<Record<string, unknown>>,
  defers = false,
): Operation {
  const resolve = <Node extends OperationDefinitionNode | FragmentDefinitionNode>(
    node: Node,
  ): Node =>
    visit(node, {
      enter(each: ASTNode) {
        if (each.kind === Kind.DIRECTIVE) return resolveDirective(each, variables, defers);
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

function resolveDirective(
  directive: DirectiveNode,
  variables: Readonly<Record<string, unknown>>,
  defers: boolean,
): DirectiveNode | null | undefined {
  const name = directive.name.value;
  if (name === 'skip' || name === 'include') return null;
  if (name !== 'defer') return undefined;
  if (!defers || conditionOf(directive, variables) === false) return null;
  return { ...directive, arguments: directive.arguments?.filter(isLabel) ?? [] };
}

function isLabel({ name }: ArgumentNode): boolean {
  return name.value === 'label';
}

/** The value of a directive's `if`; undefined when it has none. */
function conditionOf(
  { arguments: given = [] }: DirectiveNode,
  variables: Readonly<Record<string, unknown>>,
): boolean | undefined {
  const condition = given.find((each) => each.name.value === 'if')?.value;
  if (condition?.kind === Kind.BOOLEAN) return condition.value;
  if (condition?.kind !== Kind.VARIABLE) return undefined;
  const value = variables[toClientName(condition.name.value)];
  return value === undefined ? undefined : value === true;
}

function takesPart(
  { directives = [] }: SelectionNode,
  variables: Readonly<Record<string, unknown>>,
): boolean {
  return directives.every((directive) => {
    const name = directive.name.value;
    if (name !== 'skip' && name !== 'include') return true;
    return (conditionOf(directive, variables) ?? false) === (name === 'include');
  });
}
