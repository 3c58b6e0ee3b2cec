import {
  createLocalJWKSet,
  createRemoteJWKSet,
  type JSONWebKeySet,
  type JWTPayload,
  type JWTVerifyGetKey,
  errors as joseErrors,
  jwtVerify,
} from 'jose';
import { LRUCache } from 'lru-cache';
import type { Caller } from '#contract/caller.ts';
import {
  CLAIMS_ALGORITHM,
  CLAIMS_LEEWAY_SECONDS,
  CLAIMS_LIFE_SECONDS,
  CLAIMS_MAX_LENGTH,
  CLAIMS_TYPE,
  callerOfClaims,
  DEFAULT_ISSUER,
} from '#contract/claims.ts';
import { type Clock, systemClock } from '#contract/clock.ts';
import { CodedError } from '#contract/errors.ts';

/** The gateway's public keys: a JWK set in this process, or the address where it is published. */
export type ClaimsKeys = JSONWebKeySet | URL;

export interface ClaimsVerifierOptions {
  /** The name of this subgraph: the one audience that a token may have. */
  readonly audience: string;
  readonly keys: ClaimsKeys;
  readonly issuer?: string | undefined;
  readonly clock?: Clock | undefined;
  /** How many verified tokens are remembered. */
  readonly memoSize?: number | undefined;
}

export interface ClaimsVerifier {
  /**
   * The caller that a claims token speaks of.
   *
   * @throws CodedError UNAUTHENTICATED for no token, or one that is not valid here and now;
   * CLAIMS_KEYS_UNAVAILABLE when the published keys cannot be fetched
   */
  verify(token: string | undefined): Promise<Caller>;
}

interface Verified {
  readonly caller: Caller;
  /** From when until when it may be used, in milliseconds since the epoch; the end is exclusive. */
  readonly from: number;
  readonly until: number;
}

/**
 * Verifies the claims that a gateway sends to one subgraph (RFC 7519, under the advice of RFC 8725):
 * EdDSA alone, our own `typ`, the issuer, exactly this audience, a life no longer than a gateway gives.
 *
 * A verified token is remembered by its text, and its times are checked again at every use.
 */
export function createClaimsVerifier(options: ClaimsVerifierOptions): ClaimsVerifier {
  const { audience, keys, issuer = DEFAULT_ISSUER, clock = systemClock, memoSize = 2000 } = options;
  const getKey = keyFinder(keys);
  const memo = new LRUCache<string, Verified>({ max: memoSize });

  async function check(token: string): Promise<Verified> {
    const { payload } = await jwtVerify(token, getKey, {
      algorithms: [CLAIMS_ALGORITHM],
      typ: CLAIMS_TYPE,
      issuer,
      audience,
      requiredClaims: ['iat', 'exp'],
      clockTolerance: CLAIMS_LEEWAY_SECONDS,
      currentDate: new Date(clock.now()),
    }).catch(refuse);
    return verifiedOf(payload, audience) ?? refuse();
  }

  return {
    async verify(token) {
      if (token === undefined || token === '' || token.length > CLAIMS_MAX_LENGTH) return refuse();
      let verified = memo.get(token);
      if (verified === undefined) {
        verified = await check(token);
        if (isCurrent(verified, clock.now())) memo.set(token, verified);
      }
      if (isCurrent(verified, clock.now())) return verified.caller;
      memo.delete(token);
      return refuse();
    },
  };
}

function verifiedOf(payload: JWTPayload, audience: string): Verified | null {
  const { aud, iat, exp } = payload;
  // One audience and no list: a token for two subgraphs could be replayed by one against the other.
  if (aud !== audience || iat === undefined || exp === undefined) return null;
  if (exp - iat > CLAIMS_LIFE_SECONDS) return null;
  const caller = callerOfClaims(payload);
  if (caller === null) return null;
  const until = (exp + CLAIMS_LEEWAY_SECONDS) * 1000;
  return {
    caller,
    from: (iat - CLAIMS_LEEWAY_SECONDS) * 1000,
    until: Math.min(until, caller.expiresAt ?? until),
  };
}

function isCurrent(verified: Verified, now: number): boolean {
  return verified.from <= now && now < verified.until;
}

function keyFinder(keys: ClaimsKeys): JWTVerifyGetKey {
  if (!(keys instanceof URL)) return createLocalJWKSet(keys);
  const remote = createRemoteJWKSet(keys, { timeoutDuration: 5000, cooldownDuration: 10_000 });
  return async (header, token) => {
    try {
      return await remote(header, token);
    } catch (cause) {
      // A token that names no published key is the caller's mistake, anything else is an outage.
      if (cause instanceof joseErrors.JWKSNoMatchingKey) throw cause;
      if (cause instanceof joseErrors.JWKSMultipleMatchingKeys) throw cause;
      if (cause instanceof joseErrors.JOSENotSupported) throw cause;
      throw new CodedError('CLAIMS_KEYS_UNAVAILABLE', undefined, { cause });
    }
  };
}

function refuse(cause?: unknown): never {
  if (cause instanceof CodedError) throw cause;
  // Why a token was refused is of use to whoever forged it, and to nobody else.
  throw new CodedError('UNAUTHENTICATED', undefined, { cause });
}
