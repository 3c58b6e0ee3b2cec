import { type DocumentNode, Kind, visit } from 'graphql';

/** Names of the Boolean variables on which @skip, @include and @defer of a document depend, in a fixed order. */
export function conditionVariables(document: DocumentNode): readonly string[] {
  const names = new Set<string>();
  visit(document, {
    Directive(node) {
      if (!conditionals.has(node.name.value)) return;
      for (const argument of node.arguments ?? []) {
        if (argument.name.value !== 'if') continue;
        if (argument.value.kind === Kind.VARIABLE) names.add(argument.value.name.value);
      }
    },
  });
  return Array.from(names).sort();
}

const conditionals = new Set(['skip', 'include', 'defer']);

/** One letter for each condition: which of an operation's shapes these variables ask for. */
export function shapeOf(
  names: readonly string[],
  variables: Readonly<Record<string, unknown>>,
): string {
  let shape = '';
  for (const name of names) {
    // Only @defer can do without a value.
    shape += variables[name] === undefined ? 'u' : variables[name] === true ? 't' : 'f';
  }
  return shape;
}

/** The values that ask for a shape: the other way round. */
export function conditionsOf(names: readonly string[], shape: string): Record<string, boolean> {
  const given = names.flatMap((name, index) =>
    shape[index] === 'u' ? [] : [[name, shape[index] === 't'] as const],
  );
  return Object.fromEntries(given);
}
