import type { Inspector } from '../operation/inspect-operation.ts';
import type { LocalTransportOptions } from './local-transport.ts';
import type { ExecutableSubgraph } from './plugin-subgraph.ts';
import type { SubgraphTransport } from './transport.ts';
import { tooLarge, withinBounds } from './within-bounds.ts';

/** Asks a subgraph that a plugin answers in this process: a function call, within the bounds of any other call. */
export function createPluginTransport(
  subgraph: ExecutableSubgraph,
  inspector: Inspector,
  { timeoutMs, maxResponseBytes }: LocalTransportOptions,
): SubgraphTransport {
  const { name } = subgraph;
  return {
    send({ body, context, departure, repeatable }) {
      if (context === undefined) throw new TypeError(`"${name}" needs the context of a request`);
      // It was written by the gateway itself.
      const { query, variables } = JSON.parse(body) as {
        readonly query: string;
        readonly variables: Readonly<Record<string, unknown>>;
      };
      const { caller, request, reply } = context;
      return withinBounds(name, timeoutMs, repeatable ? departure : undefined, async () => {
        const asked = { caller, request, reply, context, ...inspector };
        const text = JSON.stringify(await subgraph.execute(query, variables, asked));
        if (Buffer.byteLength(text) > maxResponseBytes) throw tooLarge(name, maxResponseBytes, 200);
        return { status: 200, body: text, hasRetryAfter: false };
      });
    },
    close: async () => {},
  };
}
