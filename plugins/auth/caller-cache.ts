import { isDeepStrictEqual } from 'node:util';
import { LRUCache } from 'lru-cache';
import type { Caller } from '#contract/caller.ts';
import type { Clock } from '#contract/clock.ts';
import type { Credential, Elsewhere, Resolution } from '#contract/identity.ts';
import { credentialKey, isOutsideKind } from './credential-key.ts';
import { identityUnavailable } from './errors.ts';
import { EventMemory, type Known } from './event-memory.ts';
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

/** Whose a credential is: somebody's, somebody's who cannot be where the request asks to be, or nobody's. */
export type Whose = Caller | Elsewhere | null;

/** A refusal that is remembered until a monotonic time. */
interface Refused {
  readonly whose: Elsewhere | null;
  readonly until: number;
}

/** Ways to wait for a look-up. */
interface Waiting {
  /** What identity answers. */
  readonly answer: Promise<Whose>;
  /** The same, or who is remembered where identity does not answer. */
  readonly caller: Promise<Whose>;
}

interface Lookup extends Waiting {
  readonly sentAt: number;
  /** How many events of this process had come before it was asked for. */
  readonly provenAt: number;
  /** Whether its answer, which has come, was true after every event that has been told by now. */
  holds(): boolean;
}

/**
 * Whose a credential is, asked of identity once and remembered for a while.
 *
 * Callers and refusals are kept apart, so that someone who makes up credentials pushes out no caller.
 */
export class CallerCache {
  readonly #options: CallerCacheOptions;
  readonly #parts: CallerCacheParts;
  readonly #callers: LRUCache<string, Entry>;
  readonly #refused: LRUCache<string, Refused>;
  readonly #lookups = new Map<string, Lookup>();
  readonly #events = new EventMemory();
  readonly #unsubscribe: () => void;
  /** By kind: an outside issuer that is slow stands in nobody else's way. */
  readonly #running = { key: 0, session: 0, environment: 0, jwt: 0, opaque: 0 };

  constructor(parts: CallerCacheParts, options: CallerCacheOptions) {
    this.#options = options;
    this.#parts = parts;
    this.#callers = new LRUCache({ max: options.maxEntries });
    this.#refused = new LRUCache({ max: options.maxNegativeEntries });
    this.#unsubscribe = parts.identity.subscribe(
      (event) => {
        this.#events.add(event);
        // What was nobody's a moment ago may be somebody's now, and a refusal does not say whose.
        this.#refused.clear();
      },
      (sequence) => this.#forget(sequence),
    );
  }

  /**
   * The caller whose credential this is; see `Whose` for what else it may be. At once when that is known, else a
   * promise; requests that ask for the same credential meanwhile share one look-up, unless an event has touched its
   * caller by then that the answer knew nothing of.
   * @throws CodedError IDENTITY_UNAVAILABLE (as a rejection) when identity does not answer
   */
  callerOf(credential: Credential): Whose | Promise<Whose> {
    const key = credentialKey(credential);
    const now = this.#parts.clock.monotonic();
    const entry = this.#callers.get(key);
    if (entry !== undefined && now < entry.staleAt && this.#mayBe(entry, now) === 'use') {
      return entry.caller;
    }
    const refused = this.#refused.get(key);
    if (refused !== undefined && now < refused.until) return refused.whose;
    return this.#lookUp(key, credential, now, 'caller');
  }

  /**
   * Asks identity, whatever is remembered, unless the answer would be the same; who asks for the same credential
   * meanwhile shares it.
   * @throws CodedError IDENTITY_UNAVAILABLE
   */
  async recheck(credential: Credential): Promise<Whose> {
    const key = credentialKey(credential);
    const now = this.#parts.clock.monotonic();
    const entry = this.#callers.get(key);
    if (entry?.isFirm && now < entry.staleAt && this.#mayBe(entry, now) === 'use') {
      return entry.caller;
    }
    return this.#lookUp(key, credential, now, 'answer');
  }

  /** Forgets everybody: identity is not the one that was asked before. */
  forgetAll(): void {
    this.#forget(0);
  }

  /** Stops listening to identity. */
  close(): void {
    this.#unsubscribe();
  }

  #forget(sequence: number): void {
    this.#events.reset(sequence);
    // Whoever asks from now on needs an answer of the store as it is.
    this.#lookups.clear();
    this.#refused.clear();
  }

  /** Whether a caller that is remembered may be used without asking, or if nobody answers, or not at all. */
  #mayBe(entry: Entry, now: number): Verdict {
    if (hasEnded(entry.caller, this.#parts.clock)) return 'ask';
    // No event of ours is about them, and no lease.
    if (isOutside(entry.caller)) return now < entry.staleAt ? 'use' : 'ask';
    const { count } = this.#events;
    if (entry.provenAt !== count) {
      const known = { count: entry.provenAt, sequence: entry.asOfSequence };
      if (this.#events.outdates(entry.caller, known)) return 'ask';
      entry.provenAt = count;
    }
    return this.#parts.lease.judge(now, entry.asOfSequence);
  }

  /**
   * What the look-up that is under way says, or a new one where that began too long ago to say how things are now.
   * @param count how many events of this process the answer has to know of
   */
  #lookUp(
    key: string,
    credential: Credential,
    now: number,
    way: keyof Waiting,
    count = this.#events.count,
  ): Promise<Whose> {
    const known = this.#lookups.get(key);
    if (known === undefined || now - known.sentAt >= this.#options.leaseSeconds * 1_000) {
      return this.#begin(key, credential, now)[way];
    }
    if (known.provenAt >= count || isOutsideKind(credential)) return known[way];
    // Events have come since it began. Perhaps it knows of them, or they are not about this caller.
    return known[way].then((caller) =>
      known.holds()
        ? caller
        : this.#lookUp(key, credential, this.#parts.clock.monotonic(), way, count),
    );
  }

  #begin(key: string, credential: Credential, now: number): Lookup {
    const provenAt = this.#events.count;
    let answered: Resolution | null = null;
    const answer = this.#resolve(credential, provenAt)
      .then((resolution) => {
        answered = resolution;
        return this.#keep(key, resolution, now, provenAt);
      })
      .finally(() => {
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
    // Where nobody answered, who is remembered was held against the events just now.
    const holds = () => answered === null || !this.#isOutdated(answered, provenAt);
    const lookup = { sentAt: now, provenAt, answer, caller, holds };
    this.#lookups.set(key, lookup);
    return lookup;
  }

  #isOutdated(resolution: Resolution, count: number): boolean {
    const known: Known = { count, sequence: resolution.asOfSequence };
    return resolution.active
      ? this.#events.outdates(resolution.caller, known)
      : this.#events.outdatesNobody(known);
  }

  async #resolve(credential: Credential, provenAt: number): Promise<Resolution> {
    const { kind } = credential;
    if (this.#running[kind] >= this.#options.maxConcurrentLookups) throw identityUnavailable();
    this.#running[kind] += 1;
    try {
      const resolution = await this.#ask(credential);
      if (!isOutsideKind(credential)) this.#learn(resolution, provenAt);
      return resolution;
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
  #keep(key: string, resolution: Resolution, sentAt: number, provenAt: number): Whose {
    const { entrySeconds, negativeSeconds } = this.#options;
    const before = this.#callers.get(key)?.caller;
    this.#callers.delete(key);
    if (!resolution.active || hasEnded(resolution.caller, this.#parts.clock)) {
      const whose = (!resolution.active && resolution.elsewhere) || null;
      if (this.#events.count === provenAt) {
        this.#refused.set(key, { whose, until: sentAt + negativeSeconds * 1_000 });
      }
      return whose;
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

function hasEnded(caller: Caller, clock: Clock): boolean {
  return caller.expiresAt !== null && clock.now() >= caller.expiresAt;
}
