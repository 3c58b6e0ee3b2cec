import {
  type CryptoKey,
  createLocalJWKSet,
  type JSONWebKeySet,
  type JWSHeaderParameters,
  errors as joseErrors,
} from 'jose';
import type { Clock } from '#contract/clock.ts';
import { identityUnavailable } from '../errors.ts';
import { TokenRefused } from './token-refused.ts';

export interface IssuerKeysOptions {
  readonly jwksMaxAgeSeconds: number;
  readonly jwksOutageSeconds: number;
  readonly jwksCooldownSeconds: number;
}

export interface IssuerKeysParts {
  readonly fetch: () => Promise<JSONWebKeySet>;
  readonly clock: Clock;
  /** Told of each fetch that failed. */
  readonly onFailure: (error: unknown) => void;
}

export interface FoundKeys {
  readonly keys: readonly CryptoKey[];
  /** How long what they verify may be believed, in milliseconds. */
  readonly believedForMs: number;
}

type Candidates = (header: JWSHeaderParameters) => Promise<readonly CryptoKey[]>;

/** For an issuer that names no `kid`: so many verifications a token may cost. */
const MAX_CANDIDATES = 4;
/** While there are no keys at all. */
const RETRY_MS = 1_000;

/**
 * The keys of one issuer, fetched when the first token comes and kept for a while.
 *
 * A `kid` that is not among them may be a new one, or made up: it brings one fetch, which all share, and none for a
 * while after. In the second half of their age keys are fetched beside the requests, so that none waits; keys that
 * are too old are fetched first, and go on for a bounded time when that fails.
 */
export class IssuerKeys {
  readonly #parts: IssuerKeysParts;
  readonly #options: IssuerKeysOptions;
  #candidates: Candidates | null = null;
  #fetchedAt = Number.NEGATIVE_INFINITY;
  #triedAt = Number.NEGATIVE_INFINITY;
  #hasFailed = false;
  #fetching: Promise<unknown> | null = null;

  constructor(parts: IssuerKeysParts, options: IssuerKeysOptions) {
    this.#parts = parts;
    this.#options = options;
  }

  /**
   * The keys that a token with this header can have been signed with, at least one.
   * @throws TokenRefused when there is none
   * @throws CodedError IDENTITY_UNAVAILABLE when no keys are known and none can be fetched
   */
  async find(header: JWSHeaderParameters): Promise<FoundKeys> {
    await this.#prepare();
    if (this.#candidates === null || this.#age() >= this.#endMs) {
      throw identityUnavailable(new Error('there are no keys of the issuer'));
    }
    let keys = await this.#candidates(header);
    if (keys.length === 0) {
      await this.#refresh();
      keys = await this.#candidates(header);
    }
    if (keys.length === 0) throw new TokenRefused('the issuer publishes no such key');
    return { keys, believedForMs: this.#believedForMs() };
  }

  async #prepare(): Promise<void> {
    const age = this.#age();
    const isDue = age >= this.#maxAgeMs;
    // While the issuer is down, nobody waits for it who can go on with the keys there are.
    if (age >= this.#endMs || (isDue && !this.#hasFailed)) await this.#refresh();
    else if (isDue || age >= this.#maxAgeMs / 2) void this.#refresh();
  }

  /** Until the keys are due again; not for all callers at the same moment. */
  #believedForMs(): number {
    const left = this.#maxAgeMs - this.#age();
    if (left <= 0) return this.#options.jwksCooldownSeconds * 1_000;
    return left * (0.5 + Math.random() / 2);
  }

  #age(): number {
    return this.#parts.clock.monotonic() - this.#fetchedAt;
  }

  get #maxAgeMs(): number {
    return this.#options.jwksMaxAgeSeconds * 1_000;
  }

  /** The age at which keys are believed no more, whatever happens. */
  get #endMs(): number {
    return this.#maxAgeMs + this.#options.jwksOutageSeconds * 1_000;
  }

  /** Fetches the keys unless that was tried just now. It settles when they are there, and when they are not. */
  async #refresh(): Promise<void> {
    const now = this.#parts.clock.monotonic();
    const hasKeys = this.#age() < this.#endMs;
    const pauseMs = hasKeys ? this.#options.jwksCooldownSeconds * 1_000 : RETRY_MS;
    if (this.#fetching === null && now - this.#triedAt >= pauseMs) {
      this.#triedAt = now;
      this.#fetching = this.#fetch(now).finally(() => {
        this.#fetching = null;
      });
    }
    await this.#fetching;
  }

  async #fetch(now: number): Promise<void> {
    try {
      this.#candidates = candidatesOf(await this.#parts.fetch());
      this.#fetchedAt = now;
      this.#hasFailed = false;
    } catch (error) {
      this.#hasFailed = true;
      this.#parts.onFailure(error);
    }
  }
}

/** jose picks by `kid`, `kty`, `crv`, `alg`, `use` and `key_ops`, so that `alg` and the kind of key always agree. */
function candidatesOf(set: JSONWebKeySet): Candidates {
  const pick = createLocalJWKSet(set);
  return async (header) => {
    try {
      return [await pick(header)];
    } catch (error) {
      if (error instanceof joseErrors.JWKSNoMatchingKey) return [];
      if (error instanceof joseErrors.JWKSMultipleMatchingKeys) return firstOf(error);
      throw new TokenRefused('the key of the issuer cannot be used', { cause: error });
    }
  };
}

async function firstOf(several: AsyncIterable<CryptoKey>): Promise<readonly CryptoKey[]> {
  const keys: CryptoKey[] = [];
  for await (const key of several) {
    keys.push(key);
    if (keys.length === MAX_CANDIDATES) break;
  }
  return keys;
}
