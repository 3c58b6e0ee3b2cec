import { readFileSync } from 'node:fs';
import type { FastifyInstance } from 'fastify';
import { pino } from 'pino';
import type { Identity } from '#contract/identity.ts';
import { createSigningKey, publicKeySet } from '#contract/signing-keys.ts';
import { createGateway } from '#gateway/app.ts';
import { readConfig } from '#gateway/config.ts';
import { use } from '#gateway/plugin.ts';
import { defineConfig } from '#gateway/settings.ts';
import { loadSupergraph } from '#gateway/supergraph/supergraph.ts';
import { auth } from '#plugins/auth/index.ts';
import { createContent } from '#subgraphs/content/app.ts';
import { createIdentity } from '#subgraphs/identity/app.ts';
import { onEachStore } from '#test/subgraphs/support/stores.ts';
import { ask, bearer } from '#test/support/client.ts';

onEachStore(
  'a token is resolved once, whatever it is used for',
  async (t, { database, dialect }) => {
    const signingKey = createSigningKey();
    const logger = pino({ level: 'silent' });
    const claims = { keys: { keys: publicKeySet(signingKey).keys.map((key) => ({ ...key })) } };
    const pepper = `v1:${Buffer.alloc(32, 7).toString('base64')}`;
    const shared = { database, dialect, claims, logger };
    const identity = await createIdentity({
      ...shared,
      pepper,
      baseUrl: 'http://127.0.0.1',
      production: false,
    });
    const content = await createContent(shared);

    let resolutions = 0;
    const counted: Identity = {
      ...identity.identity,
      resolve: (credential) => {
        resolutions += 1;
        return identity.identity.resolve(credential);
      },
    };
    const called: string[] = [];
    for (const [name, { app }] of Object.entries({ identity, content })) {
      app.addHook('onRequest', async () => {
        called.push(name);
      });
    }
    const gateway = await createGateway({
      config: readConfig({
        flags: { port: '0' },
        env: { CASTELLAN_SIGNING_KEY: signingKey },
        castellan: defineConfig({ plugins: [use(auth)] }),
      }),
      supergraph: await loadSupergraph(readFileSync('supergraph.graphql', 'utf8')),
      logger,
      identity: counted,
      localSubgraphs: new Map<string, FastifyInstance>([
        ['identity', identity.app],
        ['content', content.app],
      ]),
    });
    t.teardown(async () => {
      await gateway.close();
      await identity.close();
      await content.close();
    });
    const url = await gateway.listen({ host: '127.0.0.1', port: 0 });
    const owner = await identity.seedOwner();
    if (owner !== null) await content.seed(owner);
    const key = owner?.apiKey ?? '';

    const query = '{ viewer { email posts { title author { name } } } posts { author { email } } }';
    const crossing = await ask(url, query, bearer(key));
    t.match(crossing.data, { viewer: { posts: [{ author: { name: 'Owner' } }] } });
    t.ok(
      called.filter((name) => name === 'identity').length >= 2,
      'identity is called as a subgraph',
    );
    t.ok(called.includes('content'));
    t.equal(resolutions, 1, 'several subgraph calls, one resolution');

    const cold = await createKey(url, key, 'cold');
    resolutions = 0;
    const answers = await Promise.all(
      Array.from({ length: 1000 }, () =>
        gateway.inject({
          method: 'POST',
          url: '/graphql',
          headers: { authorization: `Bearer ${cold}` },
          payload: { query: '{ viewer { email } }' },
        }),
      ),
    );
    t.ok(
      answers.every(({ statusCode, payload }) => statusCode === 200 && payload.includes('owner@')),
    );
    t.equal(resolutions, 1, 'a thousand concurrent cold requests, one resolution');

    const batchKey = await createKey(url, key, 'batch');
    resolutions = 0;
    const batch = await gateway.inject({
      method: 'POST',
      url: '/graphql',
      headers: { authorization: `Bearer ${batchKey}` },
      payload: [{ query: '{ viewer { email } }' }, { query }, { query: '{ viewer { email } }' }],
    });
    t.same(
      batch.json().map((each: { errors?: unknown }) => each.errors),
      [undefined, undefined, undefined],
    );
    t.equal(resolutions, 1, 'a batch, one resolution');

    resolutions = 0;
    const garbage = await ask(url, '{ viewer { email } }', bearer('cst_test_garbage'));
    t.equal(garbage.status, 401);
    t.equal(resolutions, 0, 'garbage is refused without asking');
  },
);

async function createKey(url: string, owner: string, name: string): Promise<string> {
  const { data } = await ask(
    url,
    'mutation ($name: String!) { createAPIKey(input: { name: $name, permissions: [READ] }) { key } }',
    { variables: { name }, ...bearer(owner) },
  );
  return (data as { createAPIKey: { key: string } }).createAPIKey.key;
}
