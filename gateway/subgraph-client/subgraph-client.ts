import { CodedError } from '#contract/errors.ts';
import { isJsonObject, type JsonObject } from '../execute/json.ts';
import type { HookLists, RequestContext, SubgraphFetch } from '../hooks.ts';
import type { SubgraphResponse, SubgraphTransport } from './transport.ts';

/** What a subgraph answered: data, errors, or both. */
export interface SubgraphResult {
  readonly data: JsonObject | null;
  readonly errors: readonly JsonObject[];
}

export interface SubgraphCall {
  readonly subgraph: string;
  readonly operation: SubgraphFetch['kind'];
  readonly document: string;
  /** The whole request body, as JSON text. */
  readonly body: string;
}

export interface SubgraphClient {
  /** @throws CodedError SUBGRAPH_UNAVAILABLE, SUBGRAPH_INVALID_RESPONSE, or what a preFetch hook refused with */
  call(call: SubgraphCall, context: RequestContext): Promise<SubgraphResult>;
  close(): Promise<void>;
}

/** Calls subgraphs by name, with the hooks before and after each call. */
export function createSubgraphClient(
  transports: ReadonlyMap<string, SubgraphTransport>,
  hooks: HookLists,
): SubgraphClient {
  return {
    async call(call, context) {
      const transport = transports.get(call.subgraph);
      if (transport === undefined) {
        throw new CodedError('SUBGRAPH_UNAVAILABLE', `No subgraph "${call.subgraph}" is known`);
      }
      const fetch: SubgraphFetch = {
        subgraph: call.subgraph,
        kind: call.operation,
        query: call.document,
        headers: {
          'content-type': 'application/json',
          accept: 'application/graphql-response+json, application/json',
        },
      };
      if (hooks.preFetch !== null) {
        for (const hook of hooks.preFetch) {
          const pending = hook(fetch, context);
          if (pending !== undefined) await pending;
        }
      }
      if (hooks.onFetch === null)
        return readResult(call.subgraph, await transport.send({ ...fetch, body: call.body }));

      const started = performance.now();
      const tell = (status: number | null, error: Error | null): void => {
        const durationMs = performance.now() - started;
        for (const hook of hooks.onFetch ?? []) hook(fetch, { status, durationMs, error }, context);
      };
      let status: number | null = null;
      try {
        const response = await transport.send({ ...fetch, body: call.body });
        status = response.status;
        const result = readResult(call.subgraph, response);
        tell(status, null);
        return result;
      } catch (error) {
        tell(status, error instanceof Error ? error : new Error(String(error)));
        throw error;
      }
    },
    async close() {
      await Promise.all(Array.from(transports.values(), (transport) => transport.close()));
    },
  };
}

function readResult(subgraph: string, { status, body }: SubgraphResponse): SubgraphResult {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch (error) {
    throw notGraphql(subgraph, status, error);
  }
  if (!isJsonObject(parsed)) throw notGraphql(subgraph, status);
  const { data = null, errors = [] } = parsed;
  if (data !== null && !isJsonObject(data)) throw notGraphql(subgraph, status);
  if (!Array.isArray(errors) || !errors.every(isJsonObject)) throw notGraphql(subgraph, status);
  if (data === null && errors.length === 0) throw notGraphql(subgraph, status);
  return { data, errors };
}

function notGraphql(subgraph: string, status: number, cause?: unknown): CodedError {
  const code = status >= 500 ? 'SUBGRAPH_UNAVAILABLE' : 'SUBGRAPH_INVALID_RESPONSE';
  return new CodedError(
    code,
    `The subgraph "${subgraph}" did not answer with GraphQL (HTTP status ${status})`,
    { cause },
  );
}
