import { exportJWK, generateKeyPair, type JSONWebKeySet, SignJWT } from 'jose';
import type { Caller } from '#contract/caller.ts';
import {
  CLAIMS_ALGORITHM,
  CLAIMS_LIFE_SECONDS,
  CLAIMS_TYPE,
  claimsOfCaller,
  DEFAULT_ISSUER,
} from '#contract/claims.ts';

/** What a token may say otherwise than a gateway's would. */
export interface Twist {
  readonly typ?: string;
  readonly issuer?: string;
  readonly audience?: string | string[];
  readonly issuedAt?: number;
  readonly lifeSeconds?: number;
  readonly kid?: string;
  readonly claims?: Record<string, unknown>;
}

export interface ClaimsIssuer {
  readonly keys: JSONWebKeySet;
  /** A token of `caller` for one subgraph, as a gateway would mint it at `now` (milliseconds), or twisted. */
  mint(caller: Caller, audience: string, now: number, twist?: Twist): Promise<string>;
}

/** Stands where the gateway stands: an Ed25519 key pair and the claims it signs. */
export async function createClaimsIssuer(kid = 'one'): Promise<ClaimsIssuer> {
  const { publicKey, privateKey } = await generateKeyPair(CLAIMS_ALGORITHM);
  const key = { ...(await exportJWK(publicKey)), kid, alg: CLAIMS_ALGORITHM, use: 'sig' };
  return {
    keys: { keys: [key] },
    mint(caller, audience, now, twist = {}) {
      const issuedAt = twist.issuedAt ?? Math.floor(now / 1000);
      return new SignJWT({
        ...claimsOfCaller(caller, typeof audience === 'string' ? audience : undefined),
        ...twist.claims,
      })
        .setProtectedHeader({
          alg: CLAIMS_ALGORITHM,
          typ: twist.typ ?? CLAIMS_TYPE,
          kid: twist.kid ?? kid,
        })
        .setIssuer(twist.issuer ?? DEFAULT_ISSUER)
        .setAudience(twist.audience ?? audience)
        .setIssuedAt(issuedAt)
        .setExpirationTime(issuedAt + (twist.lifeSeconds ?? CLAIMS_LIFE_SECONDS))
        .sign(privateKey);
    },
  };
}
