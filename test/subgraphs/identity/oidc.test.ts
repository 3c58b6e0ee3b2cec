import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Test } from 'tap';
import type { OidcProviderSettings } from '#subgraphs/identity/settings.ts';
import { defineIdentity } from '#subgraphs/identity/settings.ts';
import { type AuthClient, codeIn, createAuthClient, sessionIn } from '../support/auth-client.ts';
import { locationOf, type OidcIssuer, startOidcIssuer } from '../support/oidc-issuer.ts';
import {
  BASE_URL,
  PASSWORD,
  startIdentity,
  type TestIdentity,
} from '../support/running-identity.ts';
import { onEachStore, type Store } from '../support/stores.ts';

const APP = 'https://app.example.com';
const ada = { sub: 'ada-there', email: 'ada@example.com', email_verified: true, name: 'Ada' };

interface Started {
  readonly identity: TestIdentity;
  readonly issuer: OidcIssuer;
  /** Signs `issuer.person` in as far as the provider's way back; answers it. */
  begin(client: AuthClient): Promise<URL>;
  /** The whole way; answers where it ends. */
  signIn(client: AuthClient): Promise<URL>;
}

async function start(
  t: Test,
  store: Store,
  provider: Partial<OidcProviderSettings> = {},
  signUp: 'open' | 'closed' = 'open',
): Promise<Started> {
  const issuer = await startOidcIssuer(t, `${BASE_URL}/api/auth/callback/work`);
  const settings = defineIdentity({
    signUp: { policy: signUp },
    sessions: { trustedOrigins: [APP] },
    oidc: {
      providers: [
        {
          id: 'work',
          issuer: issuer.url,
          clientId: issuer.clientId,
          clientSecretVariable: 'WORK_SECRET',
          ...provider,
        },
      ],
    },
  });
  const environment = { WORK_SECRET: issuer.clientSecret };
  const identity = await startIdentity(t, store, { settings, environment });
  const begin: Started['begin'] = async (client) => {
    const answer = await client.post('/sign-in/social', {
      provider: 'work',
      callbackURL: `${APP}/welcome`,
      errorCallbackURL: `${APP}/failed`,
    });
    t.equal(answer.status, 200, answer.text);
    return issuer.authorize(String(answer.body.url));
  };
  return {
    identity,
    issuer,
    begin,
    async signIn(client) {
      const back = await begin(client);
      return locationOf(await follow(client, back));
    },
  };
}

/** A browser that comes back from another site. */
function follow(client: AuthClient, back: URL) {
  return client.get(`${back.pathname.replace('/api/auth', '')}${back.search}`, {
    'sec-fetch-site': 'cross-site',
    'sec-fetch-mode': 'navigate',
  });
}

const peopleOf = ({ tables }: TestIdentity) =>
  tables.selectFrom('user').select(['email', 'name']).orderBy('email').execute();

onEachStore(
  'people sign in at a provider, and are the same person the next time',
  async (t, store) => {
    const { identity, issuer, signIn } = await start(t, store);
    issuer.person = ada;
    const client = createAuthClient(identity);
    t.equal((await signIn(client)).href, `${APP}/welcome`);
    const first = await identity.identity.resolve({ kind: 'session', text: sessionIn(client) });
    const other = createAuthClient(identity);
    await signIn(other);
    const second = await identity.identity.resolve({ kind: 'session', text: sessionIn(other) });
    if (!first.active || !second.active) throw new Error('they are not in');
    t.equal(first.caller.subject, second.caller.subject);
    t.not(first.caller.credentialId, second.caller.credentialId);
    t.same(await peopleOf(identity), [{ email: ada.email, name: 'Ada' }]);
    const [asked] = issuer.asked;
    t.equal(asked?.get('code_challenge_method'), 'S256');
    for (const name of ['state', 'nonce', 'code_challenge']) t.ok(asked?.get(name), name);
    const accounts = await identity.tables
      .$extendTables<{ account: Record<string, unknown> }>()
      .selectFrom('account')
      .selectAll()
      .execute();
    t.match(accounts, [{ providerId: 'work', accountId: ada.sub }]);
    t.match(accounts, [{ accessToken: null, refreshToken: null, idToken: null }]);
    t.same(await identity.tables.selectFrom('verification').select('id').execute(), []);
  },
);

onEachStore('a way back that nobody here began leads nowhere', async (t, store) => {
  const { identity, issuer, begin } = await start(t, store);
  issuer.person = ada;
  const victim = createAuthClient(identity);
  const attacker = createAuthClient(identity);
  const back = await begin(attacker);
  for (const [client, change] of [
    [victim, {}],
    [attacker, { state: 'made-up' }],
    [attacker, { iss: 'https://evil.example' }],
    [attacker, { code: 'made-up' }],
  ] as const) {
    const twisted = new URL(back);
    for (const [name, value] of Object.entries(change)) twisted.searchParams.set(name, value);
    const answer = await follow(client, twisted);
    t.equal(answer.status, 302, JSON.stringify(change));
    t.match(locationOf(answer).searchParams.get('error'), /./);
    t.equal(sessionIn(client), '');
  }
  t.same(await peopleOf(identity), []);
});

onEachStore('the same way back is gone once', async (t, store) => {
  const { identity, issuer, begin } = await start(t, store);
  issuer.person = ada;
  const client = createAuthClient(identity);
  const back = await begin(client);
  t.equal(locationOf(await follow(client, back)).href, `${APP}/welcome`);
  client.cookies.delete('castellan.session_token');
  t.match(locationOf(await follow(client, back)).searchParams.get('error'), /./);
  t.equal(sessionIn(client), '');
});

onEachStore('an account here is not opened by an address there', async (t, store) => {
  const { identity, issuer, signIn } = await start(t, store);
  await identity.signUp(ada.email);
  await identity.tables
    .updateTable('user')
    .set({ emailVerified: verified(store) })
    .execute();
  issuer.person = ada;
  const client = createAuthClient(identity);
  const end = await signIn(client);
  t.equal(end.origin + end.pathname, `${APP}/failed`);
  t.equal(sessionIn(client), '');
  const accounts = await identity.tables.selectFrom('account').select('providerId').execute();
  t.same(accounts, [{ providerId: 'credential' }]);
});

onEachStore('unless it is told to, and both have verified it', async (t, store) => {
  const { identity, issuer, signIn } = await start(t, store, { linkByEmail: true });
  const { caller } = await identity.signUp(ada.email);
  const client = createAuthClient(identity);
  const outcomes: string[] = [];
  const attempt = async () => outcomes.push((await signIn(client)).pathname);
  issuer.person = ada;
  await attempt();
  await identity.tables
    .updateTable('user')
    .set({ emailVerified: verified(store) })
    .execute();
  issuer.person = { ...ada, email_verified: false };
  await attempt();
  t.equal(sessionIn(client), '');
  issuer.person = ada;
  await attempt();
  t.strictSame(outcomes, ['/failed', '/failed', '/welcome']);
  const found = await identity.identity.resolve({ kind: 'session', text: sessionIn(client) });
  t.equal(found.active && found.caller.subject, caller.subject);
  const log = await identity.tables
    .selectFrom('identity_log')
    .select(['subject_id', 'detail'])
    .where('action', '=', 'user.provider_linked')
    .execute();
  t.match(log, [{ subject_id: caller.subject, detail: /^\{"provider" ?: ?"work"\}$/ }]);
});

onEachStore('nobody gets an account that they may not have', async (t, store) => {
  for (const [provider, signUp, person] of [
    [{}, 'closed', ada],
    [{ allowSignUp: false }, 'open', ada],
    [{}, 'open', { ...ada, email_verified: false }],
    [{}, 'open', { sub: 'x', name: 'X' }],
  ] as const) {
    const { identity, issuer, signIn } = await start(t, store, provider, signUp);
    issuer.person = person;
    const client = createAuthClient(identity);
    const end = await signIn(client);
    t.equal(end.pathname, '/failed', end.href);
    t.equal(sessionIn(client), '');
    t.same(await peopleOf(identity), []);
  }
});

onEachStore('a suspended person does not come in at a provider either', async (t, store) => {
  const { identity, issuer, signIn } = await start(t, store);
  issuer.person = ada;
  await signIn(createAuthClient(identity));
  await identity.tables
    .updateTable('user')
    .set({ suspendedAt: new Date().toISOString() })
    .execute();
  const client = createAuthClient(identity);
  t.equal((await signIn(client)).pathname, '/failed');
  t.equal(sessionIn(client), '');
});

onEachStore('only what is listed is passed on to a provider', async (t, store) => {
  const { identity, issuer } = await start(t, store);
  const client = createAuthClient(identity);
  const social = (payload: object, headers = {}) =>
    client.post('/sign-in/social', { provider: 'work', ...payload }, headers);
  const foreign = await social({ callbackURL: 'https://evil.example/' });
  t.equal(foreign.status, 403);
  const unknown = await social({ provider: 'github' });
  t.strictSame([unknown.status, codeIn(unknown)], [404, 'NOT_FOUND']);
  t.equal((await client.get('/callback/github?code=x&state=y')).status, 404);
  const crossSite = await social({}, { 'sec-fetch-site': 'cross-site' });
  t.strictSame([crossSite.status, codeIn(crossSite)], [403, 'CSRF_REJECTED']);
  const more = await social({
    callbackURL: `${APP}/welcome`,
    scopes: ['admin'],
    additionalParams: { prompt: 'none' },
    idToken: { token: 'x' },
  });
  const url = new URL(String(more.body.url));
  t.equal(url.origin, issuer.url);
  t.equal(url.searchParams.get('scope'), 'openid email profile');
  t.equal(url.searchParams.get('prompt'), null);
});

onEachStore(
  'a provider that is another issuer, or none, lets nobody in and holds up nobody',
  async (t, store) => {
    const server = createServer((_request, response) => {
      response.setHeader('content-type', 'application/json');
      response.end(
        JSON.stringify({
          issuer: 'https://somebody-else.example',
          authorization_endpoint: `${url}/auth`,
          token_endpoint: `${url}/token`,
          jwks_uri: `${url}/jwks`,
          id_token_signing_alg_values_supported: ['RS256'],
        }),
      );
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    t.teardown(() => new Promise((resolve) => server.close(resolve)));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const { identity } = await start(t, store, { issuer: url });
    const client = createAuthClient(identity);
    const other = await client.post('/sign-in/social', { provider: 'work', callbackURL: APP });
    t.strictSame([other.status, codeIn(other)], [503, 'IDENTITY_UNAVAILABLE']);
    t.equal(other.body.url, undefined);
    await identity.signUp('eve@example.com');
    const signIn = await client.post('/sign-in/email', {
      email: 'eve@example.com',
      password: PASSWORD,
    });
    t.equal(signIn.status, 200);
  },
);

onEachStore('a provider that is configured wrong stops the boot', async (t, store) => {
  for (const provider of [
    { clientSecretVariable: 'NOT_SET' },
    { issuer: 'http://login.example.com' },
  ]) {
    await t.rejects(start(t, store, provider), { code: 'CONFIGURATION_INVALID' });
  }
});

function verified({ dialect }: Store): number | boolean {
  return dialect === 'sqlite' ? 1 : true;
}
