import { isDeepStrictEqual } from 'node:util';
import type { Caller } from '#contract/caller.ts';
import type { Clock } from '#contract/clock.ts';
import { CodedError } from '#contract/errors.ts';
import type { Credential } from '#contract/identity.ts';
import type { CallerCache, Whose } from './caller-cache.ts';
import { identityUnavailable } from './errors.ts';
import { touchNamesOf } from './event-memory.ts';
import type { TokenResolver } from './issuers/token-resolver.ts';
import type { Lease } from './lease.ts';

/** A subscription or a connection that goes on after its request was let in. */
export interface Live {
  readonly ended: AbortSignal;
  end(reason: CodedError): void;
}

export interface LiveCallersOptions {
  /** How often identity is asked again, although it has told of nothing. */
  readonly liveCheckSeconds: number;
  /** How long they go on while identity does not answer. */
  readonly liveGraceSeconds: number;
}

export interface LiveCallersParts {
  readonly callers: CallerCache;
  readonly identity: TokenResolver;
  /** Whether identity would have told of a change. */
  readonly lease: Pick<Lease, 'leftMs'>;
  readonly clock: Clock;
}

/** One caller, and what goes on in their name. */
interface Watched {
  readonly caller: Caller;
  readonly credential: Credential;
  readonly lives: Set<Live>;
  expiresAt: number | null;
  /** Monotonic milliseconds. */
  confirmedAt: number;
  nextCheckAt: number;
  askedAt: number;
  isChecking: boolean;
  /** Something happened to it while it was being checked. */
  isTouched: boolean;
}

const SWEEP_MS = 250;
const RETRY_MS = 1_000;
/** How often identity is asked about each while it could not tell of a change. */
const WITHOUT_LEASE_MS = 5_000;
/** Checks under way: they must not stand in the way of requests, however many an event touches. */
const MAX_CHECKS = 64;

/**
 * Ends what goes on in the name of a caller whose credential holds no more: when identity tells of a change, when
 * it says so on being asked again, and when the credential's time is up.
 *
 * A caller's rights are fixed when something begins, so it also ends when they have changed. While identity does
 * not answer, it goes on for a bounded time.
 */
export class LiveCallers {
  readonly #parts: LiveCallersParts;
  readonly #options: LiveCallersOptions;
  readonly #watched = new Map<Caller, Watched>();
  /** Who is touched by an event. */
  readonly #byName = new Map<string, Set<Watched>>();
  readonly #unsubscribe: () => void;
  /** Who is to be asked about, in order. */
  readonly #due = new Set<Watched>();
  #timer: NodeJS.Timeout | null = null;
  #checks = 0;

  constructor(parts: LiveCallersParts, options: LiveCallersOptions) {
    this.#parts = parts;
    this.#options = options;
    this.#unsubscribe = parts.identity.subscribe(
      ({ touches, id }) => {
        for (const watched of this.#byName.get(`${touches}:${id}`) ?? []) this.#checkSoon(watched);
      },
      () => {
        for (const watched of this.#watched.values()) this.#checkSoon(watched);
      },
    );
  }

  /** How many callers are watched. */
  get count(): number {
    return this.#watched.size;
  }

  /** Watches over something that goes on in the name of this caller, until it ends. */
  watch(live: Live, caller: Caller, credential: Credential): void {
    if (live.ended.aborted) return;
    const watched = this.#watched.get(caller) ?? this.#add(caller, credential);
    watched.lives.add(live);
    live.ended.addEventListener('abort', () => this.#remove(watched, live), { once: true });
    // It may have been revoked between the answer of identity and now.
    if (watched.isChecking) watched.isTouched = true;
    else void this.#check(watched, () => this.#parts.callers.callerOf(credential));
  }

  /** Ends what is over by time, and asks again about those who were not asked about for long. */
  sweep(): void {
    const now = this.#parts.clock.monotonic();
    const wall = this.#parts.clock.now();
    const isTold = this.#parts.lease.leftMs(now) > 0;
    for (const watched of this.#watched.values()) {
      if (watched.expiresAt !== null && wall >= watched.expiresAt) {
        endAll(watched, new CodedError('UNAUTHENTICATED'));
      } else if (
        now >= watched.nextCheckAt ||
        // Nobody tells of changes of outside tokens.
        (!(isTold && watched.caller.kind !== 'jwt') && now >= watched.askedAt + WITHOUT_LEASE_MS)
      ) {
        if (!watched.isChecking) this.#checkSoon(watched);
      }
    }
  }

  close(): void {
    this.#unsubscribe();
    this.#due.clear();
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
  }

  #add(caller: Caller, credential: Credential): Watched {
    const now = this.#parts.clock.monotonic();
    const watched: Watched = {
      caller,
      credential,
      lives: new Set(),
      expiresAt: caller.expiresAt,
      confirmedAt: now,
      nextCheckAt: now + this.#options.liveCheckSeconds * 1_000,
      askedAt: now,
      isChecking: false,
      isTouched: false,
    };
    this.#watched.set(caller, watched);
    for (const name of touchNamesOf(caller)) {
      const others = this.#byName.get(name);
      if (others === undefined) this.#byName.set(name, new Set([watched]));
      else others.add(watched);
    }
    this.#timer ??= setInterval(() => this.sweep(), SWEEP_MS).unref();
    return watched;
  }

  #remove(watched: Watched, live: Live): void {
    watched.lives.delete(live);
    if (watched.lives.size > 0 || this.#watched.get(watched.caller) !== watched) return;
    this.#watched.delete(watched.caller);
    this.#due.delete(watched);
    for (const name of touchNamesOf(watched.caller)) {
      const others = this.#byName.get(name);
      others?.delete(watched);
      if (others?.size === 0) this.#byName.delete(name);
    }
    if (this.#watched.size === 0 && this.#timer !== null) {
      clearInterval(this.#timer);
      this.#timer = null;
    }
  }

  /** Asks about it as soon as few enough others are asked about; once more when it is being asked about. */
  #checkSoon(watched: Watched): void {
    if (watched.isChecking) {
      watched.isTouched = true;
      return;
    }
    this.#due.add(watched);
    this.#checkDue();
  }

  #checkDue(): void {
    for (const watched of this.#due) {
      if (this.#checks >= MAX_CHECKS) return;
      this.#due.delete(watched);
      void this.#check(watched, () => this.#parts.callers.recheck(watched.credential));
    }
  }

  async #check(watched: Watched, ask: () => Whose | Promise<Whose>): Promise<void> {
    watched.isChecking = true;
    watched.askedAt = this.#parts.clock.monotonic();
    this.#checks += 1;
    try {
      let whose = await ask();
      while (watched.isTouched) {
        watched.isTouched = false;
        whose = await this.#parts.callers.recheck(watched.credential);
      }
      this.#settle(watched, whose);
    } catch (error) {
      watched.isTouched = false;
      this.#goOnForNow(watched, error);
    } finally {
      watched.isChecking = false;
      this.#checks -= 1;
      this.#checkDue();
    }
  }

  #settle(watched: Watched, caller: Whose): void {
    if (caller === null) {
      endAll(watched, new CodedError('UNAUTHENTICATED'));
      return;
    }
    if (caller.kind === 'elsewhere' || !hasSameRights(caller, watched.caller)) {
      endAll(watched, new CodedError('FORBIDDEN', 'The rights of this credential have changed'));
      return;
    }
    const now = this.#parts.clock.monotonic();
    watched.expiresAt = earlier(watched.expiresAt, caller.expiresAt);
    watched.confirmedAt = now;
    watched.nextCheckAt = now + this.#options.liveCheckSeconds * 1_000;
  }

  /** Whoever asks identity has written down why it does not answer. */
  #goOnForNow(watched: Watched, reason: unknown): void {
    const now = this.#parts.clock.monotonic();
    if (now - watched.confirmedAt >= this.#options.liveGraceSeconds * 1_000) {
      endAll(watched, identityUnavailable(reason));
    } else {
      watched.nextCheckAt = now + RETRY_MS;
    }
  }
}

function endAll(watched: Watched, reason: CodedError): void {
  for (const live of watched.lives) live.end(reason);
}

/** Whether two answers of identity let the same be done. */
function hasSameRights(one: Caller, other: Caller): boolean {
  return isDeepStrictEqual(rightsOf(one), rightsOf(other));
}

function rightsOf({ expiresAt: _end, asOfSequence: _sequence, ...rights }: Caller) {
  return rights;
}

function earlier(one: number | null, other: number | null): number | null {
  if (one === null || other === null) return one ?? other;
  return Math.min(one, other);
}
