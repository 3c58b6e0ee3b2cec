import type { Test } from 'tap';
import { startAuthApp } from './auth-app.ts';
import { ManualClock } from './manual-clock.ts';
import { AUDIENCE, type IssuerKey, startTokenIssuer, type TokenIssuer } from './token-issuer.ts';

type Json = Record<string, unknown>;

export interface IssuerAppOptions {
  /** Options of the issuer beside its name. */
  readonly issuer?: Json;
  /** Options of the plugin. */
  readonly options?: Json;
  readonly key?: IssuerKey;
}

/** A small gateway without an identity that believes the tokens of one issuer. */
export async function startIssuerApp(t: Test, given: IssuerAppOptions = {}) {
  const clock = new ManualClock();
  const issuer = await startTokenIssuer(t, clock, given.key);
  const gateway = await startAuthApp(t, {
    clock,
    options: { issuers: [issuerOptions(issuer, given.issuer)], ...given.options },
  });
  let count = 0;
  const present = (token: string) =>
    gateway.send({ headers: ['Authorization', `Bearer ${token}`] });
  return {
    ...gateway,
    clock,
    issuer,
    present,
    status: async (token: string) => (await present(token)).status,
    /** Each one is another token, so that nothing remembered answers for it. */
    fresh: (header: Json = {}, key = issuer.key) => issuer.token({ n: count++ }, header, key),
  };
}

export function issuerOptions({ issuer }: TokenIssuer, changes: Json = {}) {
  return { issuer, audience: AUDIENCE, jwksUrl: `${issuer}/keys`, ...changes };
}
