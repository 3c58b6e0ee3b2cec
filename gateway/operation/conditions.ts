import { type DocumentNode, Kind, visit } from 'graphql';

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

/** The values that ask for a shape: the other way round. */
export function conditionsOf(names: readonly string[], shape: string): Record<string, boolean> {
  return Object.fromEntries(names.map((name, index) => [name, shape[index] === 't']));
}
