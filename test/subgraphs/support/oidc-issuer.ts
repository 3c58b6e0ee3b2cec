import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import Provider from 'oidc-provider';
import type { Test } from 'tap';
import type { AuthAnswer } from './auth-client.ts';

const CLIENT_ID = 'castellan';
const CLIENT_SECRET = 'a-secret-of-this-test-and-its-provider';

export interface Profile {
  readonly sub: string;
  readonly email?: string;
  readonly email_verified?: boolean;
  readonly name?: string;
}

/** A real OpenID provider, at which `person` is signed in. */
export interface OidcIssuer {
  readonly url: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** Who is signed in there; the next sign-in is theirs. */
  person: Profile;
  /** What authorization requests asked for. */
  readonly asked: URLSearchParams[];
  /** Follows an authorization URL as a browser does, and answers where it leads back to. */
  authorize(url: string): Promise<URL>;
}

export async function startOidcIssuer(t: Test, redirectUri: string): Promise<OidcIssuer> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;
  const people = new Map<string, Profile>();
  const provider = new Provider(url, {
    clients: [
      {
        client_id: CLIENT_ID,
        client_secret: CLIENT_SECRET,
        redirect_uris: [redirectUri],
        token_endpoint_auth_method: 'client_secret_basic',
      },
    ],
    pkce: { required: () => true },
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'] },
    conformIdTokenClaims: false,
    cookies: { keys: ['of-this-test-alone'] },
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_context, interaction) => `/interaction/${interaction.uid}` },
    findAccount: (_context, sub) => ({
      accountId: sub,
      claims: async () => ({ ...people.get(sub), sub }),
    }),
    async loadExistingGrant(context) {
      const { session, client } = context.oidc;
      const grant = new context.oidc.provider.Grant({
        clientId: client?.clientId,
        accountId: session?.accountId,
      });
      grant.addOIDCScope('openid email profile');
      await grant.save();
      return grant;
    },
  });
  const issuer: OidcIssuer = {
    url,
    clientId: CLIENT_ID,
    clientSecret: CLIENT_SECRET,
    person: { sub: 'nobody' },
    asked: [],
    async authorize(start) {
      issuer.asked.push(new URL(start).searchParams);
      const cookies = new Map<string, string>();
      let next = new URL(start);
      while (next.origin === url) {
        const answer = await fetch(next, {
          redirect: 'manual',
          headers: { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; ') },
        });
        for (const each of answer.headers.getSetCookie()) {
          const [pair = ''] = each.split(';');
          cookies.set(pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1));
        }
        const location = answer.headers.get('location');
        if (location === null) throw new Error(`${answer.status} ${await answer.text()}`);
        next = new URL(location, next);
      }
      return next;
    },
  };
  const serve = provider.callback();
  server.on('request', (request, response) => {
    if (request.url?.startsWith('/interaction/') !== true) {
      serve(request, response);
      return;
    }
    people.set(issuer.person.sub, issuer.person);
    provider
      .interactionFinished(request, response, { login: { accountId: issuer.person.sub } })
      .catch((error: unknown) => response.writeHead(500).end(String(error)));
  });
  t.teardown(() => {
    server.closeAllConnections();
    return new Promise<void>((resolve) => server.close(() => resolve()));
  });
  return issuer;
}

/** Where an answer leads to. */
export function locationOf({ headers }: AuthAnswer): URL {
  return new URL(String(headers.location), 'http://relative.invalid');
}
