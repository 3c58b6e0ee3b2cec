import t from 'tap';
import { systemClock } from '#contract/clock.ts';
import { AUDIENCE, startTokenIssuer } from '#test/plugins/auth/support/token-issuer.ts';
import { ask, bearer } from '#test/support/client.ts';
import { startLive } from '#test/support/live-castellan.ts';

/** Needs READ on API keys. */
const GUARDED = '{ apiKeys { edges { node { id } } } }';

t.test('a scope opens a subgraph where the mapping says so, and nowhere else', async (t) => {
  const issuer = await startTokenIssuer(t, systemClock);
  const live = await startLive(t, {
    auth: {
      issuers: [
        {
          issuer: issuer.issuer,
          audience: AUDIENCE,
          jwksUrl: `${issuer.issuer}/keys`,
          claims: { scopeMap: { 'blog reader': ['read:all'] }, scopes: 'roles' },
        },
      ],
    },
  });
  const get = (roles: unknown) => ask(live.url, GUARDED, bearer(issuer.token({ roles })));
  t.match(await get(['blog reader']), { status: 200, data: { apiKeys: { edges: [] } } });
  for (const roles of [undefined, [], ['read:all'], ['admin'], ['x read:all'], 'blog reader']) {
    const answer = await get(roles);
    t.match(answer.errors, [{ extensions: { code: 'FORBIDDEN' } }], JSON.stringify(roles));
    t.notMatch(answer.text, /edges/);
  }
});

t.test('whoever an issuer names makes no key, whatever the mapping gives', async (t) => {
  const issuer = await startTokenIssuer(t, systemClock);
  const live = await startLive(t, {
    auth: {
      issuers: [
        {
          issuer: issuer.issuer,
          audience: AUDIENCE,
          jwksUrl: `${issuer.issuer}/keys`,
          claims: { fixedScopes: ['admin', 'read:all', 'write:all'] },
        },
      ],
    },
  });
  const { headers } = bearer(issuer.token());
  const made = await ask(
    live.url,
    'mutation { createAPIKey(input: { name: "a", permissions: [READ] }) { id } }',
    { headers },
  );
  t.match(made.errors, [{ extensions: { code: 'FORBIDDEN' } }]);
  t.match(await ask(live.url, GUARDED, { headers }), { data: { apiKeys: { edges: [] } } });
});
