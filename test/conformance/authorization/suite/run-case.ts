import { askEndpoint, type HeadersOf } from './ask-endpoint.ts';
import type { AuthorizationCase, SuiteCaller } from './authorization-case.ts';
import { differences, type Ignored } from './differences.ts';
import type { SubgraphCall } from './serve-subgraphs.ts';

/** A gateway in front of the subgraphs of one supergraph. */
export interface RunningEndpoint {
  /** The URL of its GraphQL. */
  readonly endpoint: string;
  readonly headersOf: HeadersOf;
  /** What its subgraphs are asked, since they were started. */
  readonly calls: SubgraphCall[];
}

/**
 * Asks the question of a case, twice: the second time the gateway may remember what it found out. Answers all
 * differences, or null where the gateway has no such caller.
 */
export async function runCase(
  { endpoint, headersOf, calls }: RunningEndpoint,
  each: AuthorizationCase,
  callers: ReadonlyMap<string, SuiteCaller>,
  ignored: Ignored,
): Promise<readonly string[] | null> {
  const headers = headersOf(each.caller);
  const caller = callers.get(each.caller);
  if (headers === undefined || caller === undefined) return null;
  for (const before of each.as === 'persisted' ? [] : (each.after ?? [])) {
    await askEndpoint(endpoint, each, headersOf(before) ?? {}, headersOf);
  }
  const found: string[] = [];
  for (const time of ['', 'asked again: ']) {
    if (each.as === 'persisted') {
      // The registration's own calls are none of the case's.
      await askEndpoint(endpoint, each, headers, headersOf);
    }
    calls.length = 0;
    const asked = each.as === 'persisted' ? { ...each, after: [] } : each;
    const exchange = await askEndpoint(endpoint, asked, headers, headersOf);
    const different = differences(each, caller, exchange, calls, ignored);
    found.push(...different.map((one) => `${time}${one}`));
  }
  return found;
}
