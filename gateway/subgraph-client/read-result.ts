import { hasLongInteger, parseExact, writeExact } from '../execute/exact-json.ts';
import { isJsonObject, type JsonObject } from '../execute/json.ts';
import { SubgraphFailure } from './failure.ts';
import type { SubgraphResponse } from './transport.ts';

/** What a subgraph answered: data, errors, or both. */
export interface SubgraphResult {
  readonly data: JsonObject | null;
  readonly errors: readonly JsonObject[];
  /** The HTTP status that it came with. */
  readonly status: number;
}

/**
 * The GraphQL result in an answer, whatever its status: a subgraph may well tell its errors with status 500.
 * @throws SubgraphFailure when the answer is not GraphQL
 */
export function readResult(subgraph: string, { status, body }: SubgraphResponse): SubgraphResult {
  let parsed: unknown;
  try {
    parsed = parseExact(body);
  } catch (error) {
    throw notGraphql(subgraph, status, error);
  }
  const result = asResult(subgraph, status, parsed);
  return hasLongInteger(body) ? withPlainErrors(result) : result;
}

/**
 * The GraphQL result that was parsed already.
 * @throws SubgraphFailure when it is none
 */
export function asResult(subgraph: string, status: number, parsed: unknown): SubgraphResult {
  if (!isJsonObject(parsed)) throw notGraphql(subgraph, status);
  const { data = null, errors = [] } = parsed;
  if (data !== null && !isJsonObject(data)) throw notGraphql(subgraph, status);
  if (!Array.isArray(errors) || !errors.every(isJsonObject)) throw notGraphql(subgraph, status);
  if (data === null && errors.length === 0) throw notGraphql(subgraph, status);
  return { data, errors, status };
}

/** The same without bigints in its errors: those are written by others, who know of none. */
export function withPlainErrors(result: SubgraphResult): SubgraphResult {
  const { errors } = result;
  return errors.length === 0 ? result : { ...result, errors: JSON.parse(writeExact(errors)) };
}

function notGraphql(subgraph: string, status: number, cause?: unknown): SubgraphFailure {
  return new SubgraphFailure(
    'not-graphql',
    `The subgraph "${subgraph}" did not answer with GraphQL (HTTP status ${status})`,
    { status, cause },
  );
}
