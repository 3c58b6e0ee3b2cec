import type { Clock } from '#contract/clock.ts';

export interface CircuitBreakerOptions {
  readonly failureRatio: number;
  readonly minimumCalls: number;
  readonly windowMs: number;
  readonly openMs: number;
}

export type CircuitState = 'closed' | 'open' | 'half-open';

/**
 * Decides whether a subgraph is asked at all. Closed: always. Once `failureRatio` of the last `windowMs`' calls
 * have failed (at least `minimumCalls`), open: not for `openMs`. Then half-open: one call tries, and its outcome
 * closes or opens again.
 */
export class CircuitBreaker {
  readonly #options: CircuitBreakerOptions;
  readonly #clock: Clock;
  readonly #onChange: (state: CircuitState) => void;
  readonly #window: RollingWindow;
  #state: CircuitState = 'closed';
  /** Grows with each change, so that calls of an earlier state cannot decide about a later one. */
  #generation = 0;
  #openUntil = 0;

  constructor(
    options: CircuitBreakerOptions,
    clock: Clock,
    onChange: (state: CircuitState) => void = () => undefined,
  ) {
    this.#options = options;
    this.#clock = clock;
    this.#onChange = onChange;
    this.#window = new RollingWindow(options.windowMs);
  }

  get state(): CircuitState {
    return this.#state;
  }

  /** A ticket for one call, to be handed back with its outcome; null when the call must not be made. */
  admit(): number | null {
    if (this.#state === 'closed') return this.#generation;
    // In half-open the one call that tries is under way.
    if (this.#state === 'half-open' || this.#clock.monotonic() < this.#openUntil) return null;
    this.#change('half-open');
    return this.#generation;
  }

  /** A call of which nobody will know how it would have ended; when it was the one that tries, another one may. */
  forgo(ticket: number): void {
    if (ticket !== this.#generation || this.#state !== 'half-open') return;
    this.#state = 'open';
    this.#generation += 1;
  }

  record(ticket: number, hasFailed: boolean): void {
    if (ticket !== this.#generation) return;
    if (this.#state === 'half-open') {
      if (hasFailed) this.#open();
      else this.#close();
      return;
    }
    const now = this.#clock.monotonic();
    this.#window.count(now, hasFailed);
    if (!hasFailed) return;
    const { calls, failures } = this.#window.sum(now);
    if (calls < this.#options.minimumCalls) return;
    if (failures / calls >= this.#options.failureRatio) this.#open();
  }

  #open(): void {
    this.#openUntil = this.#clock.monotonic() + this.#options.openMs;
    this.#change('open');
  }

  #close(): void {
    this.#window.clear();
    this.#change('closed');
  }

  #change(state: CircuitState): void {
    this.#state = state;
    this.#generation += 1;
    this.#onChange(state);
  }
}

const SLOTS = 10;

/** Calls and failures of the last `windowMs`, in slots of a tenth of it. */
class RollingWindow {
  readonly #slotMs: number;
  readonly #calls = new Array<number>(SLOTS).fill(0);
  readonly #failures = new Array<number>(SLOTS).fill(0);
  /** Which tenth of all time each slot holds. */
  readonly #epochs = new Array<number>(SLOTS).fill(Number.NEGATIVE_INFINITY);

  constructor(windowMs: number) {
    this.#slotMs = windowMs / SLOTS;
  }

  count(now: number, hasFailed: boolean): void {
    const epoch = Math.floor(now / this.#slotMs);
    const slot = epoch % SLOTS;
    if (this.#epochs[slot] !== epoch) {
      this.#epochs[slot] = epoch;
      this.#calls[slot] = 0;
      this.#failures[slot] = 0;
    }
    this.#calls[slot] = (this.#calls[slot] ?? 0) + 1;
    if (hasFailed) this.#failures[slot] = (this.#failures[slot] ?? 0) + 1;
  }

  sum(now: number): { readonly calls: number; readonly failures: number } {
    const oldest = Math.floor(now / this.#slotMs) - SLOTS + 1;
    let calls = 0;
    let failures = 0;
    for (const [slot, epoch] of this.#epochs.entries()) {
      if (epoch < oldest) continue;
      calls += this.#calls[slot] ?? 0;
      failures += this.#failures[slot] ?? 0;
    }
    return { calls, failures };
  }

  clear(): void {
    this.#epochs.fill(Number.NEGATIVE_INFINITY);
  }
}
