import type { Socket } from 'node:net';
import { CodedError } from '#contract/errors.ts';

/**
 * Whether whoever asked for an operation has left before it was answered. What is under way for nobody else is given
 * up then.
 *
 * One of them is made for each request, and asked by each call to a subgraph: it is as small as it can be, and
 * its listeners are never taken off, as it lives no longer than the operation.
 */
export class Departure {
  #hasLeft = false;
  #listeners: (() => void)[] | null = null;
  readonly #onSettled: ((departure: Departure) => void) | null;

  /** @param onSettled called when nobody needs to tell it any more that the client leaves */
  constructor(onSettled: ((departure: Departure) => void) | null = null) {
    this.#onSettled = onSettled;
  }

  get hasLeft(): boolean {
    return this.#hasLeft;
  }

  /** Calls back when the client leaves; at once when it has left. */
  onLeave(listener: () => void): void {
    if (this.#hasLeft) listener();
    else if (this.#listeners === null) this.#listeners = [listener];
    else this.#listeners.push(listener);
  }

  leave(): void {
    if (this.#hasLeft) return;
    this.#hasLeft = true;
    const listeners = this.#listeners ?? [];
    this.#listeners = null;
    for (const listener of listeners) listener();
  }

  /** The operation is over: from now on the client may come and go. */
  settle(): void {
    this.#listeners = null;
    this.#onSettled?.(this);
  }
}

/** What is under way on each connection. */
const underWay = new WeakMap<Socket, Set<Departure>>();

/** The departure of a request of this connection. One listener watches a connection however many requests it has. */
export function departureOn(socket: Socket): Departure {
  let departures = underWay.get(socket);
  if (departures === undefined) {
    departures = watch(socket);
    underWay.set(socket, departures);
  }
  const all = departures;
  const departure = new Departure((settled) => all.delete(settled));
  all.add(departure);
  return departure;
}

/** Why something was given up; nobody is there to read it. */
export function clientHasLeft(): CodedError {
  return new CodedError('CLIENT_CLOSED_REQUEST');
}

function watch(socket: Socket): Set<Departure> {
  const departures = new Set<Departure>();
  socket.once('close', () => {
    for (const departure of departures) departure.leave();
    departures.clear();
  });
  return departures;
}
