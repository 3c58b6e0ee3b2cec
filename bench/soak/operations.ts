/** One operation of the soak, and the code that it is to be refused with; null when it is to be answered. */
export interface SoakOperation {
  readonly body: string;
  readonly refusedWith: string | null;
}

/**
 * The operation of a number: its own text, mostly by names that no subgraph gets to see, so that the subgraphs
 * can keep their answers ready while the gateway meets a document that it may not know. One in fifty is refused.
 */
export function operationOf(index: number): SoakOperation {
  const name = `Soak${index}`;
  switch (index % 200) {
    case 0:
      return refused(`query ${name} { me { id unknown${index} } }`, 'GRAPHQL_VALIDATION_FAILED');
    case 50:
      return refused(`query ${name} { me { id`, 'GRAPHQL_PARSE_FAILED');
    case 100: {
      const aliases = Array.from({ length: 301 }, (_, at) => `a${at}: name`);
      return refused(`query ${name} { me { ${aliases.join(' ')} } }`, 'OPERATION_TOO_LARGE');
    }
    case 150:
      return refused(`query ${name}($if: Boolean!) { me { id @skip(if: $if) } }`, 'BAD_USER_INPUT');
    default:
      return { body: validBody(name, index), refusedWith: null };
  }
}

function refused(query: string, refusedWith: string): SoakOperation {
  return { body: JSON.stringify({ query }), refusedWith };
}

function validBody(name: string, index: number): string {
  const bit = (at: number): boolean => ((index >> at) & 1) === 1;
  const user = ['id', bit(0) && 'name', bit(1) && 'username'].filter(Boolean).join(' ');
  const product = ['upc', bit(2) && 'price', bit(3) && 'inStock', bit(4) && 'shippingEstimate']
    .filter(Boolean)
    .join(' ');
  const reviews = `reviews @include(if: $reviews) { id author { ...User${index} } }`;
  const query = `query ${name}($reviews: Boolean!, $noUser: Boolean = false, $first: Int) {
  me @skip(if: $noUser) { ...User${index} }
  topProducts(first: $first) { ${product} ${reviews} }
}
fragment User${index} on User { ${user} }`;
  return JSON.stringify({
    query,
    operationName: name,
    variables: { reviews: bit(5), noUser: bit(6), first: (index % 3) + 1 },
  });
}
