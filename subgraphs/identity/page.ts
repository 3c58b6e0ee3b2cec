import { CodedError } from '#contract/errors.ts';
import { readPageSize } from '#subgraphs/kit/index.ts';

const DEFAULT_PAGE_SIZE = 20;

export interface PageArguments {
  readonly first?: number | null;
  readonly after?: string | null;
}

/** The place of a record in a list: neither its time (milliseconds since the epoch) nor its id ever changes. */
export interface Place {
  readonly at: number;
  readonly id: string;
}

/** Which part of a list is asked for; `after` is null for its beginning. */
export interface PageRequest {
  readonly first: number;
  readonly after: Place | null;
}

/** @throws CodedError BAD_USER_INPUT naming the argument */
export function readPage({ first, after }: PageArguments): PageRequest {
  return {
    first: readPageSize(first, DEFAULT_PAGE_SIZE),
    after: after === undefined || after === null ? null : readCursor(after),
  };
}

/** A connection of up to `first` of the records, which begin after the page's place and may be one too many. */
export function connectionOf<Node>(
  records: readonly Node[],
  { first, after }: PageRequest,
  placeOf: (node: Node) => Place,
) {
  const nodes = records.slice(0, first);
  const edges = nodes.map((node) => ({ cursor: cursorOf(placeOf(node)), node }));
  return {
    edges,
    nodes,
    pageInfo: {
      hasNextPage: records.length > first,
      hasPreviousPage: after !== null,
      startCursor: edges.at(0)?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
  };
}

function cursorOf({ at, id }: Place): string {
  return Buffer.from(`${at}:${id}`).toString('base64url');
}

function readCursor(text: string): Place {
  const match = /^(\d{1,15}):([0-9A-Za-z_]{1,64})$/.exec(
    Buffer.from(text, 'base64url').toString('latin1'),
  );
  if (match === null) {
    throw new CodedError('BAD_USER_INPUT', '"after" is not a cursor of this list', {
      extensions: { argument: 'after' },
    });
  }
  return { at: Number(match[1]), id: match[2] ?? '' };
}
