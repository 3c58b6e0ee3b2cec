import { type DocumentNode, Kind, type SelectionNode, visit } from 'graphql';
import type { Included } from '../execute/collect-fields.ts';
import { toClientName } from './private-names.ts';

/** Names of the Boolean variables on which @skip and @include of a document depend, in a fixed order. */
export function conditionVariables(document: DocumentNode): readonly string[] {
  const names = new Set<string>();
  visit(document, {
    Directive(node) {
      if (node.name.value !== 'skip' && node.name.value !== 'include') return;
      for (const argument of node.arguments ?? []) {
        if (argument.value.kind === Kind.VARIABLE) names.add(argument.value.name.value);
      }
    },
  });
  return Array.from(names).sort();
}

/** One letter for each condition: which of an operation's shapes these variables ask for. */
export function shapeOf(
  names: readonly string[],
  variables: Readonly<Record<string, unknown>>,
): string {
  let shape = '';
  for (const name of names) shape += variables[name] === true ? 't' : 'f';
  return shape;
}

/** Decides @skip and @include (GraphQL specification, §3.13.1–2) with these values of variables. */
export function includedBy(variables: Readonly<Record<string, unknown>>): Included {
  return (selection: SelectionNode): boolean => {
    for (const directive of selection.directives ?? []) {
      const name = directive.name.value;
      if (name !== 'skip' && name !== 'include') continue;
      const condition = directive.arguments?.find((each) => each.name.value === 'if')?.value;
      const holds =
        condition?.kind === Kind.VARIABLE
          ? variables[toClientName(condition.name.value)] === true
          : condition?.kind === Kind.BOOLEAN && condition.value;
      if (holds === (name === 'skip')) return false;
    }
    return true;
  };
}
