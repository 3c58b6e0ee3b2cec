import { Agent } from 'undici';
import type { Clock } from '#contract/clock.ts';
import type { Credential, Resolution } from '#contract/identity.ts';
import { configurationInvalid } from '../errors.ts';
import { fetchKeys } from './fetch-keys.ts';
import { createIntrospectionResolver } from './introspection-resolver.ts';
import { IssuerKeys } from './issuer-keys.ts';
import { type GivenOutside, type Introspection, withDefaults } from './issuer-options.ts';
import { createJwtResolver } from './jwt-resolver.ts';
import { permittedUrl } from './permitted-url.ts';
import { TokenRefused } from './token-refused.ts';

export interface OutsideIssuers {
  /** How many there are. */
  readonly count: number;
  /** What kind of outside token this text looks like, told without any I/O; null when of none that is configured. */
  kindOf(text: string): 'jwt' | 'opaque' | null;
  /**
   * Whose an outside token is.
   * @throws CodedError IDENTITY_UNAVAILABLE when its issuer cannot be asked and its keys are not known
   */
  resolve(credential: Credential): Promise<Resolution>;
  /** Closes the connections, after what is under way has ended. */
  close(): Promise<void>;
}

export interface OutsideIssuersParts {
  readonly clock: Clock;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Told of each fetch of keys that failed. */
  readonly onFailure: (error: unknown) => void;
  /** Told why a token was refused; the reason holds nothing of it. */
  readonly onRefusal: (reason: string) => void;
}

const MAX_CONNECTIONS = 64;
/** `{` is `e` in base64url, and a header of a JWT begins with it. */
const jwtShape = /^e[\w-]+\.[\w-]+\.[\w-]+$/;
/** RFC 6750 §2.1. */
const tokenShape = /^[A-Za-z0-9._~+/-]+=*$/;
/** No event of our identity is about an outside token. */
const NOBODY: Resolution = Object.freeze({ active: false, asOfSequence: Number.MAX_SAFE_INTEGER });

/**
 * The issuers beside our own identity whose tokens are believed: JWTs by their published keys, opaque tokens by
 * asking (RFC 7662). The shape of a token decides which; of several introspection servers the first that fits.
 * @throws CodedError CONFIGURATION_INVALID for a URL that keys and secrets may not travel by, an issuer that is named
 * twice, a secret that is not there
 */
export function createOutsideIssuers(
  given: GivenOutside & { readonly lookupTimeoutMs: number },
  { clock, env, onFailure, onRefusal }: OutsideIssuersParts,
): OutsideIssuers {
  const { issuers, introspection } = withDefaults(given);
  for (const [index, { issuer, jwksUrl = issuer }] of issuers.entries()) {
    checkUrl(issuer, `issuers.${index}.issuer`);
    checkUrl(jwksUrl, `issuers.${index}.jwksUrl`);
  }
  for (const [index, { url }] of introspection.entries()) {
    checkUrl(url, `introspection.${index}.url`);
  }
  checkDistinct(issuers.map(({ issuer }) => issuer));
  const dispatcher = new Agent({ connections: MAX_CONNECTIONS });
  // Shorter than a look-up: a token of an unknown key is refused, not 503, where the keys are slow to come.
  const timeoutMs = Math.floor(given.lookupTimeoutMs * 0.75);
  const ofJwt = createJwtResolver({
    clock,
    issuers: issuers.map((options) => {
      const fetch = () => fetchKeys(dispatcher, options, timeoutMs);
      return { options, keys: new IssuerKeys({ fetch, clock, onFailure }, options) };
    }),
  });
  const servers = introspection.map((options) => ({
    fits: (text: string) => fits(text, options),
    ask: createIntrospectionResolver(options, { dispatcher, clock, timeoutMs, env }),
  }));

  async function find({ kind, text }: Credential): Promise<Resolution> {
    if (kind === 'jwt') return ofJwt(text);
    const server = kind === 'opaque' ? servers.find((each) => each.fits(text)) : undefined;
    if (server === undefined) throw new TokenRefused('nobody is to be asked about it');
    return server.ask(text);
  }

  return {
    count: issuers.length + introspection.length,
    kindOf(text) {
      if (issuers.length > 0 && jwtShape.test(text)) return 'jwt';
      return servers.some((each) => each.fits(text)) ? 'opaque' : null;
    },
    async resolve(credential) {
      try {
        return await find(credential);
      } catch (error) {
        if (!(error instanceof TokenRefused)) throw error;
        onRefusal(error.message);
        return NOBODY;
      }
    },
    close: () => dispatcher.close(),
  };
}

function fits(text: string, options: Introspection): boolean {
  const { tokenPrefix, minTokenLength, maxTokenLength } = options;
  if (text.length < minTokenLength || text.length > maxTokenLength) return false;
  return text.startsWith(tokenPrefix) && tokenShape.test(text);
}

function checkUrl(url: string, path: string): void {
  if (permittedUrl(url) !== null) return;
  // A URL with a password in it is not repeated.
  throw configurationInvalid(
    `${path} must be https, or http on this machine, without user, password and fragment`,
  );
}

function checkDistinct(issuers: readonly string[]): void {
  const twice = issuers.find((issuer, index) => issuers.indexOf(issuer) !== index);
  if (twice !== undefined) throw configurationInvalid(`issuers names ${twice} twice`);
}
