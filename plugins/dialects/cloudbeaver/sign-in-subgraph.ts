import { readFileSync } from 'node:fs';
import { CodedError } from '#contract/errors.ts';
import type { AskIdentity, PluginSubgraph, PluginSubgraphContext } from '#gateway/plugin.ts';
import { bodyOf, refusalOf } from '../kit/identity-refusal.ts';

interface AuthLoginArguments {
  readonly provider: string;
  readonly credentials?: unknown;
}

/** Longer than any key. */
const MAX_TOKEN_LENGTH = 1_000;

/** The subgraph with `Query.authLogin`, which opens a session in exchange for a key. */
export function signInSubgraph(askIdentity: AskIdentity): PluginSubgraph {
  return {
    name: 'cloudbeaver',
    typeDefs: readFileSync(new URL('schema.graphql', import.meta.url), 'utf8'),
    sideEffects: ['authLogin'],
    resolvers: {
      Query: {
        async authLogin(_: unknown, given: AuthLoginArguments, context) {
          const key = keyOf(given);
          assertCookieCanBeSet(context);
          const response = await askIdentity(context.request, '/api/auth/sign-in/api-key', { key });
          if (response.status !== 200) throw refusalOf(response);
          const { session, user } = bodyOf(response);
          const cookies = response.headers['set-cookie'];
          if (!isNamed(session) || !isNamed(user) || cookies === undefined) {
            throw new CodedError('IDENTITY_UNAVAILABLE');
          }
          context.reply.header('set-cookie', cookies);
          return {
            authId: session.id,
            authStatus: 'SUCCESS',
            userTokens: [{ userId: user.id, authProvider: given.provider }],
          };
        },
      },
    },
  };
}

function keyOf({ provider, credentials }: AuthLoginArguments): string {
  if (provider !== 'token') throw invalid('provider', 'must be "token"');
  if (typeof credentials !== 'object' || credentials === null || !('token' in credentials)) {
    throw invalid('credentials', 'must be an object with a "token"');
  }
  const { token } = credentials;
  if (typeof token === 'string' && token.length <= MAX_TOKEN_LENGTH) return token;
  throw invalid('credentials', 'must have a token that is a text of at most 1,000 characters');
}

/** A sign-in whose session nobody is told of would be one that nobody can end. */
function assertCookieCanBeSet({ request, reply }: PluginSubgraphContext): void {
  if (!request.isGraphqlSocket && !reply.sent && !reply.raw.headersSent) return;
  throw new CodedError(
    'BAD_REQUEST',
    'authLogin sets a cookie: send it over HTTP, and not as a part that comes later',
  );
}

function invalid(argument: string, what: string): CodedError {
  return new CodedError('BAD_USER_INPUT', `"${argument}" ${what}`, { extensions: { argument } });
}

function isNamed(value: unknown): value is { readonly id: string } {
  return (
    typeof value === 'object' && value !== null && 'id' in value && typeof value.id === 'string'
  );
}
