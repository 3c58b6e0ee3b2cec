import type { Dispatcher } from 'undici';
import type { Clock } from '#contract/clock.ts';
import type { Resolution } from '#contract/identity.ts';
import { configurationInvalid, identityUnavailable } from '../errors.ts';
import { fetchJson } from './fetch-json.ts';
import type { Introspection } from './issuer-options.ts';
import { mapClaims } from './map-claims.ts';
import { TokenRefused } from './token-refused.ts';

export interface IntrospectionParts {
  readonly dispatcher: Dispatcher;
  readonly clock: Clock;
  readonly timeoutMs: number;
  /** Where the secret is. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

const MAX_BYTES = 64 * 1_024;
const MAX_SECONDS = 8.64e12;

/**
 * Says whose an opaque token is, by asking the server that issued it (RFC 7662).
 *
 * Whatever is not a proper answer (another status, another shape, too long, too late) is IDENTITY_UNAVAILABLE.
 * @throws CodedError CONFIGURATION_INVALID when the secret is not there, naming its variable
 */
export function createIntrospectionResolver(
  options: Introspection,
  { dispatcher, clock, timeoutMs, env }: IntrospectionParts,
): (token: string) => Promise<Resolution> {
  const authorization = authorizationOf(options, env);
  const url = new URL(options.url);

  async function ask(token: string): Promise<Readonly<Record<string, unknown>>> {
    try {
      return await fetchJson(dispatcher, url, {
        method: 'POST',
        headers: { authorization, 'content-type': 'application/x-www-form-urlencoded' },
        body: new URLSearchParams({ token, token_type_hint: 'access_token' }).toString(),
        maxBytes: MAX_BYTES,
        signal: AbortSignal.timeout(timeoutMs),
      });
    } catch (error) {
      throw identityUnavailable(error);
    }
  }

  return async (token) => {
    const answer = await ask(token);
    const { active, exp, nbf } = answer;
    if (typeof active !== 'boolean' || !isTime(exp) || !isTime(nbf)) {
      throw identityUnavailable(new Error(`${url.origin} answered with no introspection`));
    }
    if (!active) throw new TokenRefused('it is not active');
    const now = clock.now() / 1_000;
    if (exp !== undefined && exp <= now) throw new TokenRefused('its "exp" is past');
    if (nbf !== undefined && nbf > now) throw new TokenRefused('its "nbf" is to come');
    checkOrigin(answer, options);
    const expiresAt = exp === undefined ? null : Math.floor(exp * 1_000);
    const caller = mapClaims({ issuer: options.issuer, claims: answer, expiresAt }, options.claims);
    return { active: true, caller, asOfSequence: caller.asOfSequence };
  };
}

/** A server that speaks for several issuers, or several audiences, must not have one's tokens pass for another's. */
function checkOrigin(
  { iss, aud }: Readonly<Record<string, unknown>>,
  { issuer, audience }: Introspection,
): void {
  if (iss !== undefined && iss !== issuer) throw new TokenRefused('its "iss" is another');
  if (audience === undefined) return;
  const ours: readonly unknown[] = typeof audience === 'string' ? [audience] : audience;
  const theirs: readonly unknown[] = Array.isArray(aud) ? aud : [aud];
  if (!theirs.some((each) => ours.includes(each))) throw new TokenRefused('its "aud" is another');
}

function isTime(value: unknown): value is number | undefined {
  if (value === undefined) return true;
  return typeof value === 'number' && Math.abs(value) <= MAX_SECONDS;
}

function authorizationOf(options: Introspection, env: IntrospectionParts['env']): string {
  const { auth, clientId, clientSecretEnv } = options;
  const secret = env[clientSecretEnv];
  if (secret === undefined || !/^[\x20-\x7e]+$/.test(secret)) {
    throw configurationInvalid(`${clientSecretEnv} must be set, to printable characters`);
  }
  if (auth === 'bearer') {
    // RFC 6750 §2.1.
    if (!/^[A-Za-z0-9._~+/-]+=*$/.test(secret)) {
      throw configurationInvalid(`${clientSecretEnv} is not a bearer token`);
    }
    return `Bearer ${secret}`;
  }
  if (clientId === undefined) {
    throw configurationInvalid(`introspection at ${options.url} needs clientId for basic`);
  }
  const pair = `${formEncoded(clientId)}:${formEncoded(secret)}`;
  return `Basic ${Buffer.from(pair).toString('base64')}`;
}

/** RFC 6749 §2.3.1: both are form-encoded before they are joined. */
function formEncoded(text: string): string {
  return new URLSearchParams({ '': text }).toString().slice(1);
}
