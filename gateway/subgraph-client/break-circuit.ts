import type { CircuitBreaker } from './circuit-breaker.ts';
import { SubgraphFailure } from './failure.ts';
import type { SubgraphTransport } from './transport.ts';

/** Asks the breaker before each call, and tells it how the call ended. */
export function breakCircuit(
  transport: SubgraphTransport,
  name: string,
  breaker: CircuitBreaker,
): SubgraphTransport {
  return {
    send(request) {
      const ticket = breaker.admit();
      if (ticket === null) return Promise.reject(circuitOpen(name));
      return transport.send(request).then(
        (response) => {
          breaker.record(ticket, response.status >= 500);
          return response;
        },
        (error: unknown) => {
          if (isAbandoned(error)) breaker.forgo(ticket);
          else breaker.record(ticket, isFault(error));
          throw error;
        },
      );
    },
    close: () => transport.close(),
  };
}

/** Whether the subgraph is to blame as a whole. One bad answer may be due to one bad query. */
export function isFault(error: unknown): boolean {
  return error instanceof SubgraphFailure && error.code === 'SUBGRAPH_UNAVAILABLE';
}

function isAbandoned(error: unknown): boolean {
  return error instanceof SubgraphFailure && error.reason === 'abandoned';
}

export function circuitOpen(name: string): SubgraphFailure {
  return new SubgraphFailure(
    'circuit-open',
    `The subgraph "${name}" has failed too often and is not asked for the moment`,
  );
}
