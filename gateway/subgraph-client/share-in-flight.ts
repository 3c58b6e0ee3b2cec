import type { Caller } from '#contract/caller.ts';
import { copyJson } from '../execute/merge.ts';
import { sameHeaders } from './headers.ts';
import type { SubgraphResult } from './read-result.ts';

/** What makes two calls the same one. */
export interface ShareableCall {
  readonly caller: Caller;
  /** The connection that it is made over. */
  readonly connection: object;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

interface Flight {
  readonly call: ShareableCall;
  readonly joined: PromiseWithResolvers<SubgraphResult>[];
}

/**
 * Queries that are under way, so that an identical one of the same caller waits for the same answer.
 *
 * "The same caller" is the same `Caller` object: nothing that two callers have in common, not even their claims,
 * makes them one. Each one that joined gets a copy, because answers are merged in place.
 */
export class InFlightCalls {
  readonly #byCaller = new WeakMap<Caller, Map<string, Flight>>();

  /** The answer of an identical call that is under way, as a copy of its own; null when there is none. */
  join(call: ShareableCall): Promise<SubgraphResult> | null {
    const flight = this.#byCaller.get(call.caller)?.get(call.body);
    if (flight === undefined || flight.call.connection !== call.connection) return null;
    if (!sameHeaders(flight.call.headers, call.headers)) return null;
    const waiting = Promise.withResolvers<SubgraphResult>();
    flight.joined.push(waiting);
    return waiting.promise;
  }

  /** Lets others join a call until it ends. */
  lead(call: ShareableCall, result: Promise<SubgraphResult>): Promise<SubgraphResult> {
    const flights = this.#flightsOf(call.caller);
    // Another one with this body and other headers is under way already: that one stays the one to join.
    if (flights.has(call.body)) return result;
    const flight: Flight = { call, joined: [] };
    flights.set(call.body, flight);
    return result.then(
      (shared) => {
        flights.delete(call.body);
        // Before whoever made the call goes on and changes it.
        for (const waiting of flight.joined) {
          waiting.resolve({ ...shared, data: copyJson(shared.data) });
        }
        return shared;
      },
      (error: unknown) => {
        flights.delete(call.body);
        for (const waiting of flight.joined) waiting.reject(error);
        throw error;
      },
    );
  }

  /**
   * After a caller has changed something: what they ask from now on must not be answered by a query that began
   * before.
   */
  forget(caller: Caller): void {
    this.#byCaller.delete(caller);
  }

  #flightsOf(caller: Caller): Map<string, Flight> {
    let flights = this.#byCaller.get(caller);
    if (flights === undefined) {
      flights = new Map();
      this.#byCaller.set(caller, flights);
    }
    return flights;
  }
}
