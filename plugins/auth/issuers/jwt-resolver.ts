import {
  type CryptoKey,
  decodeJwt,
  decodeProtectedHeader,
  type JWTPayload,
  errors as joseErrors,
  jwtVerify,
  type ProtectedHeaderParameters,
} from 'jose';
import type { Clock } from '#contract/clock.ts';
import type { Resolution } from '#contract/identity.ts';
import type { IssuerKeys } from './issuer-keys.ts';
import type { Issuer } from './issuer-options.ts';
import { mapClaims } from './map-claims.ts';
import { TokenRefused } from './token-refused.ts';

/** An issuer whose JWTs are believed, and where its keys are kept. */
export interface TrustedIssuer {
  readonly options: Issuer;
  readonly keys: Pick<IssuerKeys, 'find'>;
}

export interface JwtResolverParts {
  readonly issuers: readonly TrustedIssuer[];
  readonly clock: Clock;
}

/** The last second that a Date can be of: no token of a real issuer ends later. */
const MAX_SECONDS = 8.64e12;

/**
 * Says whose a JWT of an outside issuer is (RFC 7519, RFC 9068, under the advice of RFC 8725).
 *
 * The issuer that a token names decides by whose keys alone it is verified; `jku`, `jwk`, `x5u` and `x5c` of its
 * header are not looked at. `alg` must be one of the issuer's list, and the key of its kind.
 * @throws TokenRefused (as a rejection) when the token is not good
 * @throws CodedError IDENTITY_UNAVAILABLE when the issuer's keys are not there
 */
export function createJwtResolver({ issuers, clock }: JwtResolverParts) {
  const byName = new Map(issuers.map((issuer) => [issuer.options.issuer, issuer]));

  return async (token: string): Promise<Resolution> => {
    const { header, iss } = decode(token);
    const issuer = byName.get(iss);
    if (issuer === undefined) throw new TokenRefused('its issuer is not one of ours');
    const { options } = issuer;
    checkHeader(header, options);
    const { keys, believedForMs } = await issuer.keys.find(header);
    const payload = await verify(token, keys, options, clock);
    const claims = { issuer: options.issuer, claims: payload, expiresAt: endOf(payload) };
    const caller = mapClaims(claims, options.claims);
    return { active: true, caller, asOfSequence: caller.asOfSequence, believedForMs };
  };
}

/** What an unverified token says of itself: enough to know whose keys it has to fit. */
function decode(token: string): { header: ProtectedHeaderParameters; iss: string } {
  try {
    const { iss } = decodeJwt(token);
    if (typeof iss === 'string') return { header: decodeProtectedHeader(token), iss };
  } catch {
    // Not a JWT at all; the library's message adds nothing.
  }
  throw new TokenRefused('it is not a JWT with an issuer');
}

function checkHeader(header: ProtectedHeaderParameters, options: Issuer): void {
  if (!options.algorithms.some((algorithm) => algorithm === header.alg)) {
    throw new TokenRefused('its "alg" is not one of those that are believed');
  }
  // RFC 7515 §4.1.11: we understand no extension, so none may be critical; RFC 7797 §7 keeps b64 off JWTs.
  if (header.crit !== undefined || header.b64 !== undefined) {
    throw new TokenRefused('its header has "crit" or "b64"');
  }
  const { typ = 'JWT' } = header;
  // RFC 7515 §4.1.9: a media type, whose "application/" may be left out.
  const type = typeof typ === 'string' ? typ.toLowerCase().replace(/^application\//, '') : null;
  if (!options.types.some((each) => each.toLowerCase() === type)) {
    throw new TokenRefused('its "typ" is not one of those that are believed');
  }
}

async function verify(
  token: string,
  keys: readonly CryptoKey[],
  { issuer, audience, algorithms, clockToleranceSeconds }: Issuer,
  clock: Clock,
): Promise<JWTPayload> {
  const now = clock.now();
  let failure: unknown;
  for (const key of keys) {
    try {
      const { payload } = await jwtVerify(token, key, {
        issuer,
        audience: typeof audience === 'string' ? audience : [...audience],
        algorithms: [...algorithms],
        requiredClaims: ['iss', 'aud', 'exp'],
        clockTolerance: clockToleranceSeconds,
        currentDate: new Date(now),
      });
      checkTimes(payload, now / 1_000, clockToleranceSeconds);
      return payload;
    } catch (error) {
      failure = error;
      if (!(error instanceof joseErrors.JWSSignatureVerificationFailed)) break;
    }
  }
  if (failure instanceof TokenRefused) throw failure;
  const reason = failure instanceof Error ? failure.message : 'it cannot be verified';
  throw new TokenRefused(reason);
}

function checkTimes({ iat, exp = 0 }: JWTPayload, now: number, tolerance: number): void {
  if (iat !== undefined && iat > now + tolerance) throw new TokenRefused('its "iat" is to come');
  if (exp <= now || exp > MAX_SECONDS) throw new TokenRefused('its "exp" is past, or no time');
}

function endOf({ exp = 0 }: JWTPayload): number {
  return Math.floor(exp * 1_000);
}
