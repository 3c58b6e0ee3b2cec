import { hash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { LRUCache } from 'lru-cache';
import type { Caller } from '#contract/caller.ts';
import type { Clock } from '#contract/clock.ts';
import type { Credential, Resolution } from '#contract/identity.ts';
import { identityUnavailable } from './errors.ts';
import { EventMemory } from './event-memory.ts';
import type { TokenResolver } from './issuers/token-resolver.ts';
import type { Lease, Verdict } from './lease.ts';
import { withTimeLimit } from './time-limit.ts';

export interface CallerCacheOptions {
  readonly maxEntries: number;
  readonly maxNegativeEntries: number;
  readonly entrySeconds: number;
  readonly negativeSeconds: number;
  readonly maxConcurrentLookups: number;
  readonly lookupTimeoutMs: number;
  readonly leaseSeconds: number;
}

export interface CallerCacheParts {
  readonly identity: TokenResolver;
  /** Whether what is remembered may be believed at all. */
  readonly lease: Pick<Lease, 'judge' | 'saw'>;
  readonly clock: Clock;
  /** Told once of each look-up that failed, however many requests waited for it. */
  readonly onFailure: (error: unknown) => void;
}

interface Entry {
  readonly caller: Caller;
  /** Monotonic milliseconds after which identity is asked again. */
  readonly staleAt: number;
  /** Asking again before that would bring the same answer. */
  readonly isFirm: boolean;
  /** How many events of this process are known not to have touched this caller. */
  provenAt: number;
  /** The event as of which identity said so. */
  readonly asOfSequence: number;
}

interface Lookup {
  readonly sentAt: number;
  /** What identity answers. */
  readonly answer: Promise<Caller | null>;
  /** The same, or who is remembered where identity does not answer. */
  readonly caller: Promise<Caller | null>;
}

/**
 * Whose a credential is, asked of identity once and remembered for a while.
 *
 * Callers and refusals are kept apart, so that someone who makes up credentials pushes out no caller. Keys are
 * SHA-256 of the credential: a heap dump shows no secret, and a look-up takes the same time for all.
 */
export class CallerCache {
  readonly #options: CallerCacheOptions;
  readonly #parts: CallerCacheParts;
  readonly #callers: LRUCache<string, Entry>;
  /** The monotonic time until which a credential is nobody's. */
  readonly #nobodies: LRUCache<string, number>;
  readonly #lookups = new Map<string, Lookup>();
  readonly #events = new EventMemory();
  readonly #unsubscribe: () => void;
  /** By kind: an outside issuer that is slow stands in nobody else's way. */
  readonly #running = { key: 0, session: 0, environment: 0, jwt: 0, opaque: 0 };

  constructor(parts: CallerCacheParts, options: CallerCacheOptions) {
    this.#options = options;
    this.#parts = parts;
    this.#callers = new LRUCache({ max: options.maxEntries });
    this.#nobodies = new LRUCache({ max: options.maxNegativeEntries });
    this.#unsubscribe = parts.identity.subscribe(
      (event) => {
        this.#events.add(event);
        this.#forgetLookups();
      },
      (sequence) => {
        this.#events.reset(sequence);
        this.#forgetLookups();
      },
    );
  }

  /**
   * The caller whose credential this is, or null when it is nobody's. At once when that is known, else a
   * promise; requests that ask for the same credential meanwhile share one look-up.
   * @throws CodedError IDENTITY_UNAVAILABLE (as a rejection) when identity does not answer
   */
  callerOf(credential: Credential): Caller | null | Promise<Caller | null> {
    const key = keyOf(credential);
    const now = this.#parts.clock.monotonic();
    const entry = this.#callers.get(key);
    if (entry !== undefined && now < entry.staleAt && this.#mayBe(entry, now) === 'use') {
      return entry.caller;
    }
    const nobodyUntil = this.#nobodies.get(key);
    if (nobodyUntil !== undefined && now < nobodyUntil) return null;
    return this.#lookUp(key, credential, now).caller;
  }

  /**
   * Asks identity, whatever is remembered, unless the answer would be the same; who asks for the same credential
   * meanwhile shares it.
   * @throws CodedError IDENTITY_UNAVAILABLE
   */
  async recheck(credential: Credential): Promise<Caller | null> {
    const key = keyOf(credential);
    const now = this.#parts.clock.monotonic();
    const entry = this.#callers.get(key);
    if (entry?.isFirm && now < entry.staleAt && this.#mayBe(entry, now) === 'use') {
      return entry.caller;
    }
    return this.#lookUp(key, credential, now).answer;
  }

  /** Forgets everybody: identity is not the one that was asked before. */
  forgetAll(): void {
    this.#events.reset(0);
    this.#forgetLookups();
  }

  /** Stops listening to identity. */
  close(): void {
    this.#unsubscribe();
  }

  #forgetLookups(): void {
    // Whoever asks from now on needs an answer that began after the event.
    this.#lookups.clear();
    // What was nobody's a moment ago may be somebody's now, and a refusal does not say whose.
    this.#nobodies.clear();
  }

  /** Whether a caller that is remembered may be used without asking, or if nobody answers, or not at all. */
  #mayBe(entry: Entry, now: number): Verdict {
    if (hasEnded(entry.caller, this.#parts.clock)) return 'ask';
    // No event of ours is about them, and no lease.
    if (isOutside(entry.caller)) return now < entry.staleAt ? 'use' : 'ask';
    const { count } = this.#events;
    if (entry.provenAt !== count) {
      if (this.#events.touchedSince(entry.caller, entry.provenAt)) return 'ask';
      entry.provenAt = count;
    }
    return this.#parts.lease.judge(now, entry.asOfSequence);
  }

  /** The look-up that is under way, or a new one where that began too long ago to say how things are now. */
  #lookUp(key: string, credential: Credential, now: number): Lookup {
    const known = this.#lookups.get(key);
    if (known !== undefined && now - known.sentAt < this.#options.leaseSeconds * 1_000) {
      return known;
    }
    const answer = this.#begin(key, credential, now).finally(() => {
      if (this.#lookups.get(key) === lookup) this.#lookups.delete(key);
    });
    const caller = answer.catch((error: unknown) => {
      const entry = this.#callers.get(key);
      if (entry !== undefined && this.#mayBe(entry, this.#parts.clock.monotonic()) !== 'ask') {
        return entry.caller;
      }
      throw error;
    });
    // One of the two may have nobody who waits for it.
    caller.catch(() => undefined);
    const lookup = { sentAt: now, answer, caller };
    this.#lookups.set(key, lookup);
    return lookup;
  }

  async #begin(key: string, credential: Credential, sentAt: number): Promise<Caller | null> {
    const { kind } = credential;
    if (this.#running[kind] >= this.#options.maxConcurrentLookups) throw identityUnavailable();
    const provenAt = this.#events.count;
    this.#running[kind] += 1;
    try {
      const resolution = await this.#ask(credential);
      if (kind !== 'jwt' && kind !== 'opaque') this.#learn(resolution, provenAt);
      return this.#keep(key, resolution, sentAt, provenAt);
    } finally {
      this.#running[kind] -= 1;
    }
  }

  async #ask(credential: Credential): Promise<Resolution> {
    try {
      return await withTimeLimit(
        this.#parts.identity.resolve(credential),
        this.#options.lookupTimeoutMs,
      );
    } catch (error) {
      this.#parts.onFailure(error);
      // Whatever went wrong, it is not the caller's fault: never a 401, and never a way in.
      throw identityUnavailable(error);
    }
  }

  /** What an answer of our identity says of its store. */
  #learn({ asOfSequence }: Resolution, provenAt: number): void {
    // What was asked before a reset may have been told by a store that counted differently.
    if (this.#events.count === provenAt) this.#parts.lease.saw(asOfSequence);
  }

  /** The caller that identity named, remembered as of the event before which we asked. */
  #keep(key: string, resolution: Resolution, sentAt: number, provenAt: number): Caller | null {
    const { entrySeconds, negativeSeconds } = this.#options;
    const before = this.#callers.get(key)?.caller;
    this.#callers.delete(key);
    if (!resolution.active || hasEnded(resolution.caller, this.#parts.clock)) {
      if (this.#events.count === provenAt) {
        this.#nobodies.set(key, sentAt + negativeSeconds * 1_000);
      }
      return null;
    }
    // The same object while nothing has changed: what belongs to a caller (claims, calls and streams that are
    // shared) is kept by it.
    const caller =
      before !== undefined && isSameCaller(before, resolution.caller)
        ? before
        : Object.freeze(resolution.caller);
    // An answer from before an event that we know of is used once; events since we asked are #mayBe's affair.
    const { asOfSequence, believedForMs } = resolution;
    if (!this.#events.touchedAfter(caller, asOfSequence)) {
      const staleAt = sentAt + (believedForMs ?? entrySeconds * 1_000);
      const isFirm = believedForMs !== undefined;
      this.#callers.set(key, { caller, staleAt, isFirm, provenAt, asOfSequence });
    }
    return caller;
  }
}

/** Whether two answers say the same of a caller, whenever they were given. */
function isSameCaller(one: Caller, other: Caller): boolean {
  return isDeepStrictEqual(one, { ...other, asOfSequence: one.asOfSequence });
}

/** Whether an outside issuer vouches for them, and no store of ours. */
function isOutside({ kind }: Caller): boolean {
  return kind === 'jwt';
}

function keyOf({ kind, text, place }: Credential): string {
  const presented =
    place === undefined
      ? `${kind}:${text}`
      : JSON.stringify([kind, text, place.project, place.environment ?? null]);
  return hash('sha256', presented, 'base64');
}

function hasEnded(caller: Caller, clock: Clock): boolean {
  return caller.expiresAt !== null && clock.now() >= caller.expiresAt;
}
