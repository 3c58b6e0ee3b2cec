import { SignJWT } from 'jose';
import type { Caller } from '#contract/caller.ts';
import {
  CLAIMS_ALGORITHM,
  CLAIMS_MAX_LENGTH,
  CLAIMS_TYPE,
  claimsOfCaller,
} from '#contract/claims.ts';
import type { Clock } from '#contract/clock.ts';
import { CodedError } from '#contract/errors.ts';
import type { SigningKeys } from '#contract/signing-keys.ts';

export interface ClaimsMinterParts {
  readonly keys: SigningKeys;
  readonly issuer: string;
  readonly clock: Clock;
  readonly lifeSeconds: number;
}

interface Minted {
  readonly token: string | Promise<string>;
  /** Wall time in milliseconds between which the token is handed out; before and after it is minted anew. */
  readonly from: number;
  readonly until: number;
}

/**
 * Signed claims of a caller for one subgraph: minted once for each pair and reused until half their life.
 *
 * They live beside the `Caller` object in memory and go with it, so that nothing outlives what is known of the
 * caller. Wall time rules, because `exp` is read in wall time by others.
 */
export class ClaimsMinter {
  readonly #parts: ClaimsMinterParts;
  readonly #minted = new WeakMap<Caller, Map<string, Minted>>();

  constructor(parts: ClaimsMinterParts) {
    this.#parts = parts;
  }

  /**
   * The token for this caller and subgraph: at once when there is one, else a promise that concurrent
   * calls share.
   * @throws CodedError UNAUTHENTICATED when the caller's credential has ended, PERMISSIONS_TOO_COMPLEX (as a
   * rejection) when the caller's grants do not fit into a header: a subgraph is told all of them or nothing
   */
  tokenFor(caller: Caller, subgraph: string): string | Promise<string> {
    const now = this.#parts.clock.now();
    if (caller.expiresAt !== null && now >= caller.expiresAt) {
      throw new CodedError('UNAUTHENTICATED');
    }
    let bySubgraph = this.#minted.get(caller);
    if (bySubgraph === undefined) {
      bySubgraph = new Map();
      this.#minted.set(caller, bySubgraph);
    }
    const known = bySubgraph.get(subgraph);
    if (known !== undefined && known.from <= now && now < known.until) return known.token;
    return this.#mint(caller, subgraph, now, bySubgraph);
  }

  #mint(
    caller: Caller,
    subgraph: string,
    now: number,
    bySubgraph: Map<string, Minted>,
  ): Promise<string> {
    const issuedAt = Math.floor(now / 1_000);
    const ends = caller.expiresAt === null ? Infinity : Math.floor(caller.expiresAt / 1_000);
    const expiresAt = Math.min(issuedAt + this.#parts.lifeSeconds, ends);
    const until = ((issuedAt + expiresAt) / 2) * 1_000;
    const token = this.#sign(caller, subgraph, issuedAt, expiresAt);
    bySubgraph.set(subgraph, { token, from: now, until });
    const settle = (minted: Minted | null) => {
      // A later mint may have taken the place meanwhile.
      if (bySubgraph.get(subgraph)?.token !== token) return;
      if (minted === null) bySubgraph.delete(subgraph);
      else bySubgraph.set(subgraph, minted);
    };
    token.then(
      (text) => settle({ token: text, from: now, until }),
      () => settle(null),
    );
    return token;
  }

  async #sign(caller: Caller, subgraph: string, iat: number, exp: number): Promise<string> {
    const { keys, issuer } = this.#parts;
    const token = await new SignJWT({ ...claimsOfCaller(caller, subgraph) })
      .setProtectedHeader({ alg: CLAIMS_ALGORITHM, typ: CLAIMS_TYPE, kid: keys.kid })
      .setIssuer(issuer)
      .setAudience(subgraph)
      .setIssuedAt(iat)
      .setExpirationTime(exp)
      .sign(keys.privateKey);
    if (token.length > CLAIMS_MAX_LENGTH) throw new CodedError('PERMISSIONS_TOO_COMPLEX');
    return token;
  }
}
