import { CodedError } from '#contract/errors.ts';

/** A subscription that is under way, for whoever may have to end it. */
export interface LiveSubscription {
  /** Aborted when it has ended, whichever way. */
  readonly ended: AbortSignal;
  /** Ends it and tells the client why. When it has ended already, nothing happens. */
  end(reason: CodedError): void;
}

/** The subscriptions of a gateway, all transports together, within a bound. */
export class LiveSubscriptions {
  readonly #max: number;
  readonly #all = new Set<LiveSubscription>();
  #isClosed = false;

  constructor({ maxSubscriptions }: { readonly maxSubscriptions: number }) {
    this.#max = maxSubscriptions;
  }

  get count(): number {
    return this.#all.size;
  }

  /** @throws CodedError OVERLOADED when there are too many, SHUTTING_DOWN */
  begin(onEnd: (reason: CodedError | null) => void): LiveSubscription & { close(): void } {
    if (this.#isClosed) throw new CodedError('SHUTTING_DOWN');
    if (this.#all.size >= this.#max) {
      throw new CodedError(
        'OVERLOADED',
        `There are ${this.#max} subscriptions already (maxSubscriptions)`,
      );
    }
    const ended = new AbortController();
    const finish = (reason: CodedError | null): void => {
      if (!this.#all.delete(subscription)) return;
      ended.abort();
      onEnd(reason);
    };
    const subscription = { ended: ended.signal, end: finish, close: () => finish(null) };
    this.#all.add(subscription);
    return subscription;
  }

  /** Ends all of them; none begins from now on. */
  close(): void {
    this.#isClosed = true;
    for (const subscription of this.#all) subscription.end(new CodedError('SHUTTING_DOWN'));
  }
}
