import {
  type DirectiveNode,
  type DocumentNode,
  Kind,
  type SelectionNode,
  type SelectionSetNode,
  separateOperations,
  visit,
} from 'graphql';
import type { RandomOperation } from './random-operation.ts';

/** Where everything is skipped a selection still needs something; it is taken out of the answer again. */
const PLACEHOLDER = 'nothingIsLeft';

/** The same operation without `@skip` and `@include`: what takes part stands there, the rest does not. */
export function plainOperation({ document, variables }: RandomOperation): RandomOperation {
  const takesPart = (selection: SelectionNode): boolean =>
    (selection.directives ?? []).every((directive) => holds(directive, variables));
  const resolved: DocumentNode = visit(document, {
    SelectionSet(node): SelectionSetNode {
      const selections = node.selections
        .filter(takesPart)
        .map((selection) => ({ ...selection, directives: [] }));
      return { ...node, selections: selections.length === 0 ? [placeholder] : selections };
    },
  });
  // Fragments that nobody spreads any more, and variables that nobody uses, are mistakes.
  const alone = Object.values(separateOperations(resolved))[0] ?? resolved;
  const used = new Set<string>();
  visit(alone, {
    enter(node) {
      if (node.kind === Kind.VARIABLE_DEFINITION) return false;
      if (node.kind === Kind.VARIABLE) used.add(node.name.value);
      return undefined;
    },
  });
  return {
    document: visit(alone, {
      enter(node) {
        const isUnused =
          node.kind === Kind.VARIABLE_DEFINITION && !used.has(node.variable.name.value);
        return isUnused ? null : undefined;
      },
    }),
    variables: Object.fromEntries(Object.entries(variables).filter(([name]) => used.has(name))),
  };
}

/** The data that the original operation gets, of what its plain form has got. */
export function withoutPlaceholders(data: unknown): unknown {
  const text = JSON.stringify(data, (key, value) => (key === PLACEHOLDER ? undefined : value));
  return text === undefined ? undefined : JSON.parse(text);
}

const placeholder: SelectionNode = {
  kind: Kind.FIELD,
  alias: { kind: Kind.NAME, value: PLACEHOLDER },
  name: { kind: Kind.NAME, value: '__typename' },
};

function holds(directive: DirectiveNode, variables: Readonly<Record<string, unknown>>): boolean {
  const condition = directive.arguments?.[0]?.value;
  const value =
    condition?.kind === Kind.VARIABLE
      ? variables[condition.name.value]
      : condition?.kind === Kind.BOOLEAN && condition.value;
  return (value === true) === (directive.name.value === 'include');
}
