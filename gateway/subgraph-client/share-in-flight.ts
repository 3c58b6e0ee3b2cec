import type { Caller } from '#contract/caller.ts';
import { callerBehind } from '../asked-content.ts';
import { Departure } from '../departure.ts';
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
  /** How many would still take its answer; the last one who leaves takes it with them. */
  waiting: number;
  readonly departure: Departure;
}

interface FlightsOfCaller {
  /** How many changes of theirs had been made when these began. */
  readonly changes: number;
  readonly byBody: Map<string, Flight>;
}

/**
 * Queries that are under way, so that an identical one of the same caller waits for the same answer.
 *
 * "The same caller" is the same `Caller` object: nothing that two callers have in common, not even their claims,
 * makes them one. Each one that joined gets a copy, because answers are merged in place.
 */
export class InFlightCalls {
  readonly #byCaller = new WeakMap<Caller, FlightsOfCaller>();
  /** How often somebody has changed something, whatever their requests meant of contents. */
  readonly #changes = new WeakMap<Caller, number>();

  /** The answer of an identical call that is under way, as a copy of its own; null when there is none. */
  join(call: ShareableCall, departure?: Departure): Promise<SubgraphResult> | null {
    const flight = this.#flightsOf(call.caller).get(call.body);
    if (flight === undefined || flight.call.connection !== call.connection) return null;
    if (!sameHeaders(flight.call.headers, call.headers)) return null;
    const waiting = Promise.withResolvers<SubgraphResult>();
    flight.joined.push(waiting);
    this.#wait(flight, departure);
    return waiting.promise;
  }

  /** Makes a call that others can join until it ends. It is given up when all who wait for it have left. */
  lead(
    call: ShareableCall,
    make: (departure: Departure | undefined) => Promise<SubgraphResult>,
    departure?: Departure,
  ): Promise<SubgraphResult> {
    const flights = this.#flightsOf(call.caller);
    // Another one with this body and other headers is under way already: that one stays the one to join.
    if (flights.has(call.body)) return make(departure);
    const flight: Flight = { call, joined: [], waiting: 0, departure: new Departure() };
    flights.set(call.body, flight);
    this.#wait(flight, departure);
    const forget = (): void => {
      if (flights.get(call.body) === flight) flights.delete(call.body);
    };
    // Whoever comes now is not to wait for what is being given up.
    flight.departure.onLeave(forget);
    return make(flight.departure).then(
      (shared) => {
        forget();
        // Before whoever made the call goes on and changes it.
        for (const waiting of flight.joined) {
          waiting.resolve({ ...shared, data: copyJson(shared.data) });
        }
        return shared;
      },
      (error: unknown) => {
        forget();
        for (const waiting of flight.joined) waiting.reject(error);
        throw error;
      },
    );
  }

  /**
   * After a caller has changed something: what they ask from now on must not be answered by a query that began
   * before, whichever stage and languages either of them means.
   */
  forget(caller: Caller): void {
    const person = callerBehind(caller);
    this.#changes.set(person, (this.#changes.get(person) ?? 0) + 1);
  }

  #wait(flight: Flight, departure: Departure | undefined): void {
    flight.waiting += 1;
    departure?.onLeave(() => {
      flight.waiting -= 1;
      if (flight.waiting === 0) flight.departure.leave();
    });
  }

  #flightsOf(caller: Caller): Map<string, Flight> {
    const changes = this.#changes.get(callerBehind(caller)) ?? 0;
    const known = this.#byCaller.get(caller);
    if (known?.changes === changes) return known.byBody;
    const byBody = new Map<string, Flight>();
    this.#byCaller.set(caller, { changes, byBody });
    return byBody;
  }
}
