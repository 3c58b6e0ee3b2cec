import {
  type DefinitionNode,
  type FragmentDefinitionNode,
  Kind,
  parse,
  type SelectionSetNode,
} from 'graphql';
import { includedBy } from '../operation/conditions.ts';
import type { Fetch } from '../plan/plan.ts';

/**
 * Whether a call of root fields is needed with these variables; null when it always is. A planner leaves
 * `@skip` and `@include` on root fields to the subgraph, which would be called to answer nothing.
 */
export function compileRootConditions({
  document,
  batches,
}: Fetch): ((variables: Readonly<Record<string, unknown>>) => boolean) | null {
  if (batches.length > 0 || !document.includes('@')) return null;
  const { definitions } = parse(document, { noLocation: true });
  const operation = definitions.find((each) => each.kind === Kind.OPERATION_DEFINITION);
  if (operation === undefined) return null;
  const fragments = new Map(definitions.filter(isFragment).map((each) => [each.name.value, each]));
  const asksForAnything = (
    { selections }: SelectionSetNode,
    included: ReturnType<typeof includedBy>,
  ): boolean =>
    selections.some((selection) => {
      if (!included(selection)) return false;
      if (selection.kind === Kind.FIELD) return true;
      const fragment =
        selection.kind === Kind.INLINE_FRAGMENT ? selection : fragments.get(selection.name.value);
      return fragment === undefined || asksForAnything(fragment.selectionSet, included);
    });
  if (asksForAnything(operation.selectionSet, includedBy(noVariables))) {
    // Something is asked for whatever the variables are, unless it hangs on a @skip.
    if (!document.includes('@skip')) return null;
  }
  return (variables) => asksForAnything(operation.selectionSet, includedBy(variables));
}

const noVariables: Readonly<Record<string, unknown>> = Object.freeze({});

function isFragment(definition: DefinitionNode): definition is FragmentDefinitionNode {
  return definition.kind === Kind.FRAGMENT_DEFINITION;
}
