import type { Caller } from '#contract/caller.ts';
import { CLAIMS_HEADER } from '#contract/claims.ts';
import { SubgraphFailure } from '../failure.ts';
import { namesTheExchange } from '../headers.ts';
import type { SubgraphResult } from '../read-result.ts';
import { Subscriber, type SubscriberOptions } from './subscriber.ts';
import type {
  ResultSink,
  SubscriptionRequest,
  SubscriptionTransport,
  Upstream,
} from './subscription-transport.ts';

/** A subscription of one caller to one subgraph. */
export interface HubSubscription extends SubscriptionRequest {
  readonly caller: Caller;
  readonly subgraph: string;
  readonly transport: SubscriptionTransport;
  readonly isShared: boolean;
  readonly options: SubscriberOptions & { readonly maxStreams: number };
}

/**
 * The streams that are open, so that an identical subscription of the same caller reads the same one. It outlives
 * supergraphs: whoever subscribes under the new one before they leave the old one stays on their stream.
 *
 * Identical means what it means for calls in flight (`share-in-flight.ts`): the same `Caller` object, subgraph,
 * place, body and headers. Claims are the one difference: their token is minted anew while a stream lives, so
 * that only whether there are any is compared. All claims of one `Caller` object for one subgraph say the same.
 */
export class SubscriptionHub {
  readonly #byCaller = new WeakMap<Caller, Map<string, SharedStream>>();
  /** How many streams each place has. */
  readonly #counts = new Map<string, number>();
  readonly #closing = new Set<Promise<void>>();
  readonly #streams = new Set<SharedStream>();
  #isClosed = false;

  /** @throws SubgraphFailure when the subgraph has too many streams, or the hub is closed */
  subscribe(subscription: HubSubscription): { readonly subscriber: Subscriber; joined: boolean } {
    if (this.#isClosed) throw closed();
    if (!subscription.isShared) {
      return {
        subscriber: this.#start(subscription, () => undefined).join(subscription),
        joined: false,
      };
    }
    const streams = this.#streamsOf(subscription.caller);
    const key = keyOf(subscription);
    const known = streams.get(key);
    if (known !== undefined) return { subscriber: known.join(subscription), joined: true };
    const stream = this.#start(subscription, () => streams.delete(key));
    streams.set(key, stream);
    return { subscriber: stream.join(subscription), joined: false };
  }

  /** Ends all subscriptions, and settles when the streams are gone. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const stream of this.#streams) stream.leaveAll(closed());
    await Promise.all(this.#closing);
  }

  #start(subscription: HubSubscription, forget: () => void): SharedStream {
    const { subgraph, transport, options } = subscription;
    const count = this.#counts.get(transport.endpoint) ?? 0;
    if (count >= options.maxStreams) {
      const message = `There are too many subscriptions to the subgraph "${subgraph}"`;
      throw new SubgraphFailure('too-many', message);
    }
    const stream = new SharedStream(subscription, (closing) => {
      forget();
      this.#streams.delete(stream);
      const left = (this.#counts.get(transport.endpoint) ?? 1) - 1;
      if (left > 0) this.#counts.set(transport.endpoint, left);
      else this.#counts.delete(transport.endpoint);
      if (closing !== null) this.#await(closing);
    });
    this.#streams.add(stream);
    this.#counts.set(transport.endpoint, count + 1);
    return stream;
  }

  #await(closing: Promise<void>): void {
    this.#closing.add(closing);
    void closing.finally(() => this.#closing.delete(closing));
  }

  #streamsOf(caller: Caller): Map<string, SharedStream> {
    let streams = this.#byCaller.get(caller);
    if (streams === undefined) {
      streams = new Map();
      this.#byCaller.set(caller, streams);
    }
    return streams;
  }
}

/** One stream of a subgraph, and all who read it. */
class SharedStream implements ResultSink {
  readonly #subscribers = new Set<Subscriber>();
  readonly #onGone: (closing: Promise<void> | null) => void;
  readonly #upstream: Upstream;
  #status: number | null = null;

  /** @param onGone told once: with the end of the connection when all have left, with null when it ended itself */
  constructor(
    { transport, headers, body }: HubSubscription,
    onGone: (closing: Promise<void> | null) => void,
  ) {
    this.#onGone = onGone;
    this.#upstream = transport.start({ headers, body }, this);
  }

  join({ subgraph, options }: HubSubscription): Subscriber {
    const subscriber = new Subscriber(subgraph, options, (leaving) => this.#leave(leaving));
    this.#subscribers.add(subscriber);
    if (this.#status !== null) subscriber.open(this.#status);
    return subscriber;
  }

  open(status: number): void {
    this.#status = status;
    for (const subscriber of this.#subscribers) subscriber.open(status);
  }

  next(result: SubgraphResult, bytes: number): void {
    const isShared = this.#subscribers.size > 1;
    for (const subscriber of this.#subscribers) subscriber.push(result, bytes, isShared);
  }

  end(failure: SubgraphFailure | null): void {
    this.#onGone(null);
    for (const subscriber of this.#subscribers) subscriber.end(failure);
    this.#subscribers.clear();
  }

  leaveAll(failure: SubgraphFailure): void {
    for (const subscriber of this.#subscribers) subscriber.leave(failure);
  }

  #leave(subscriber: Subscriber): void {
    this.#subscribers.delete(subscriber);
    if (this.#subscribers.size === 0) this.#onGone(this.#upstream.close());
  }
}

function closed(): SubgraphFailure {
  return new SubgraphFailure('closed', 'The gateway ends its subscriptions');
}

function keyOf({ subgraph, transport, headers, body }: HubSubscription): string {
  const told = Object.entries(headers)
    .filter(([name]) => !namesTheExchange.has(name))
    .map(([name, value]) => (name === CLAIMS_HEADER ? [name] : [name, value]))
    .sort(([one = ''], [other = '']) => (one < other ? -1 : 1));
  return JSON.stringify([subgraph, transport.endpoint, told, body]);
}
