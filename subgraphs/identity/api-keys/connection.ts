import { cursorOf } from './api-key-reader.ts';

interface Listed {
  readonly createdAt: number;
  readonly id: string;
}

/** A page of records as a GraphQL connection. */
export function connectionOf<T extends Listed>(
  { records, hasNextPage }: { readonly records: readonly T[]; readonly hasNextPage: boolean },
  after: string | null | undefined,
) {
  const edges = records.map((node) => ({ cursor: cursorOf(node), node }));
  return {
    edges,
    nodes: records,
    pageInfo: {
      hasNextPage,
      hasPreviousPage: after !== undefined && after !== null,
      startCursor: edges.at(0)?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
  };
}
