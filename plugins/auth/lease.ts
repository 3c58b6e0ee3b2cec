/** What was known at the moment in which a lease was asked for. */
export interface LeaseRequest {
  /** Monotonic milliseconds. */
  readonly sentAt: number;
  readonly highestSeen: number;
  /** Which store was meant. */
  readonly era: number;
}

/**
 * What may be done with something that is remembered: `use` it; `ask-first`, and use it when nobody answers;
 * `ask`, and use nothing but the answer.
 */
export type Verdict = 'use' | 'ask-first' | 'ask';

interface Granted {
  readonly sequence: number;
  readonly sentAt: number;
}

/**
 * For how long what is remembered of callers may be believed.
 *
 * Identity says which event is the last one in its store, and from the moment in which we asked, that holds for
 * `leaseSeconds`: whoever has been told everything up to this event knew everything at that moment. A feed that is
 * cut, or that stands open and says nothing, therefore keeps nobody in for longer than that. Time is our own and
 * monotonic; no clock of another machine counts.
 *
 * It does nothing by itself: time and what was told are given to it.
 */
export class Lease {
  readonly #lifeMs: number;
  /** The number up to which the feed has told everything; below 0 while it has told nothing. */
  readonly #told: () => number;
  /** The last lease that was granted. */
  #granted: Granted | null = null;
  /** When the last one ends up to whose event we have been told everything. */
  #trustedUntil = Number.NEGATIVE_INFINITY;
  /** What has been told before counts only when this number has been told too. */
  #required = 0;
  #requiredAt = Number.NEGATIVE_INFINITY;
  #highestSeen = -1;
  #era = 0;

  constructor(leaseSeconds: number, told: () => number) {
    this.#lifeMs = leaseSeconds * 1_000;
    this.#told = told;
  }

  /** To be called in the moment in which a lease is asked for. */
  request(now: number): LeaseRequest {
    const highestSeen = Math.max(this.#highestSeen, this.#told());
    return { sentAt: now, highestSeen, era: this.#era };
  }

  /**
   * The answer to a request: the last event that was then in the store. False when that is an earlier one than we
   * had heard of before we asked: the store is no longer the one that we know, and nothing of it may be believed.
   */
  grant({ sentAt, highestSeen, era }: LeaseRequest, sequence: number): boolean {
    // Asked before a reset, and nothing can be said of it any more.
    if (era !== this.#era) return true;
    if (sequence < highestSeen) {
      this.reset();
      return false;
    }
    // Answers may come in another order than their questions went.
    if (this.#granted !== null && sentAt < this.#granted.sentAt) return true;
    this.#settle();
    this.#granted = { sequence, sentAt };
    // What was asked for later and knows less shows that the number was none of this store's.
    if (sentAt > this.#requiredAt && sequence < this.#required) this.#required = 0;
    this.saw(sequence);
    return true;
  }

  /** Somebody who read the store knows of this event; it is not told yet, perhaps. */
  saw(sequence: number): void {
    this.#highestSeen = Math.max(this.#highestSeen, sequence);
  }

  /** A change was answered that is this event: from now on nothing from before it is used. */
  require(sequence: number, now: number): void {
    if (sequence <= this.#required) return;
    this.#required = sequence;
    this.#requiredAt = now;
  }

  /**
   * Whether something may be used that was known as of this event, and that nothing which was told since has
   * touched.
   */
  judge(now: number, asOfSequence: number): Verdict {
    this.#settle();
    const told = this.#told();
    const granted = this.#granted;
    const needed = Math.max(granted?.sequence ?? 0, this.#required);
    if (now < this.#trustedUntil && told >= needed) return 'use';
    if (granted !== null && now < granted.sentAt + this.#lifeMs && asOfSequence >= needed) {
      // It was asked for after the last event that anybody knows of.
      return 'use';
    }
    const isRequiredTold = Math.max(told, asOfSequence) >= this.#required;
    return now < this.#trustedUntil && isRequiredTold ? 'ask-first' : 'ask';
  }

  /** How long it still runs, in milliseconds; 0 when it does not. */
  leftMs(now: number): number {
    this.#settle();
    return Math.max(0, this.#trustedUntil - now);
  }

  /** Nothing holds before the next one is granted, by a store that may count differently. */
  reset(): void {
    this.#granted = null;
    this.#trustedUntil = Number.NEGATIVE_INFINITY;
    this.#required = 0;
    this.#requiredAt = Number.NEGATIVE_INFINITY;
    this.#highestSeen = -1;
    this.#era += 1;
  }

  #settle(): void {
    if (this.#granted === null || this.#told() < this.#granted.sequence) return;
    this.#trustedUntil = Math.max(this.#trustedUntil, this.#granted.sentAt + this.#lifeMs);
  }
}
