import { AsyncLocalStorage } from 'node:async_hooks';
import type { BetterAuthOptions, BetterAuthPlugin } from 'better-auth';
import { genericOAuth } from 'better-auth/plugins';
import { CodedError } from '#contract/errors.ts';
import type { IdentityDatabase } from '../database/tables.ts';
import { whyNoName } from '../readable-name.ts';
import type { OidcProviderSettings } from '../settings.ts';

/** Sign-in by OpenID Connect, as better-auth is given it. */
export interface OidcProviders {
  readonly plugin: BetterAuthPlugin;
  /** Refuses a person whom a provider names when `judge` has found a reason, and whoever was not judged. */
  readonly validate: NonNullable<NonNullable<BetterAuthOptions['user']>['validateUserInfo']>;
  /** Runs a request, in which the person that a provider names is judged. */
  judging<T>(work: () => Promise<T>): Promise<T>;
  /** The issuer that a provider has to have; undefined for an id that is none. */
  issuerOf(id: string): string | undefined;
}

export interface OidcProvidersOptions {
  readonly providers: readonly OidcProviderSettings[];
  /** Where client secrets are: the settings name the variables. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly database: IdentityDatabase;
  /** Whether an account may be made for this address. */
  readonly maySignUp: (email: string) => Promise<boolean>;
}

/** Why a provider's person is not let in; null when they are. */
type Verdict = { refusal: string | null };

/**
 * Authorization code with PKCE, state and nonce (OpenID Connect Core 1.0); ID tokens are verified against the
 * provider's published keys. A provider is discovered when somebody first wants to sign in with it, not at boot.
 *
 * @throws CodedError CONFIGURATION_INVALID for a variable that is not set, an issuer without TLS, or an id twice
 */
export function oidcProviders(options: OidcProvidersOptions): OidcProviders {
  const { providers, environment, database, maySignUp } = options;
  const verdicts = new AsyncLocalStorage<Verdict>();
  const issuers = new Map<string, string>();
  const config = providers.map((provider) => {
    const { id, issuer, clientId, clientSecretVariable, scopes } = provider;
    if (issuers.has(id)) throw invalid(id, 'is there twice');
    if (!isSafe(issuer)) throw invalid(id, 'needs an issuer with https');
    issuers.set(id, issuer);
    return {
      providerId: id,
      discoveryUrl: `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`,
      clientId,
      ...secretOf(provider, environment),
      tokenEndpointAuth: {
        method: clientSecretVariable === undefined ? 'none' : 'client_secret_basic',
      } as const,
      scopes: [...scopes],
      pkce: true,
      requireIdTokenVerification: true,
      disableProviderLogout: true,
      async mapProfileToUser(profile: Record<string, unknown>) {
        const verdict = verdicts.getStore();
        if (verdict !== undefined) verdict.refusal = await judge(provider, profile);
        return personOf(profile);
      },
    };
  });

  async function judge(
    { id, allowSignUp, linkByEmail }: OidcProviderSettings,
    { sub, email, email_verified: isVerified }: Record<string, unknown>,
  ): Promise<string | null> {
    if (typeof sub !== 'string' || typeof email !== 'string') return 'no_email';
    const account = await database
      .selectFrom('account')
      .select('id')
      .where('providerId', '=', id)
      .where('accountId', '=', sub)
      .executeTakeFirst();
    if (account !== undefined) return null;
    // Whoever says so only has not shown that the address is theirs.
    if (isVerified !== true && isVerified !== 'true') return 'email_not_verified';
    const person = await database
      .selectFrom('user')
      .select('id')
      .where('email', '=', email.toLowerCase())
      .executeTakeFirst();
    if (person !== undefined) return linkByEmail ? null : 'account_not_linked';
    return allowSignUp && (await maySignUp(email)) ? null : 'sign_up_refused';
  }

  const plugin = genericOAuth({ config });
  return {
    plugin: {
      ...plugin,
      // As after a discovery that failed: a provider that does not answer must not hold up everybody else.
      init: () => ({
        context: {
          genericOAuthPendingDiscovery: new Map(config.map((each) => [each.providerId, each])),
        },
      }),
    },
    validate: ({ source }) => {
      if (source.method === 'email-password') return undefined;
      const verdict = verdicts.getStore();
      const refusal = verdict === undefined ? 'not_judged' : verdict.refusal;
      return refusal === null ? undefined : { error: refusal };
    },
    judging: (work) => verdicts.run({ refusal: 'not_judged' }, work),
    issuerOf: (id) => issuers.get(id),
  };
}

function secretOf(
  { id, clientSecretVariable: name }: OidcProviderSettings,
  environment: OidcProvidersOptions['environment'],
): { readonly clientSecret?: string } {
  if (name === undefined) return {};
  const clientSecret = environment[name];
  if (!clientSecret) throw invalid(id, `needs ${name} to be set`);
  return { clientSecret };
}

function isSafe(issuer: string): boolean {
  if (!URL.canParse(issuer)) return false;
  const { protocol, hostname } = new URL(issuer);
  return protocol === 'https:' || /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/.test(hostname);
}

/** What of a profile is taken over: a name that can be shown, and a picture over https. */
function personOf({ name, email, picture }: Record<string, unknown>) {
  const local = typeof email === 'string' ? (email.split('@')[0] ?? '') : '';
  const shown = typeof name === 'string' && whyNoName(name) === null ? name : local;
  const isImage = typeof picture === 'string' && /^https:\/\/\S{1,2000}$/.test(picture);
  return { name: shown, image: isImage ? picture : undefined };
}

function invalid(id: string, what: string): CodedError {
  return new CodedError(
    'CONFIGURATION_INVALID',
    `castellan.config.ts: oidc provider "${id}" ${what}`,
  );
}
