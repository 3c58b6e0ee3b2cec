import { decodeResolution } from '#contract/introspection.ts';
import { startIdentity, type TestIdentity } from '../support/running-identity.ts';
import { onEachStore } from '../support/stores.ts';

const SECRET = 'a secret between identity and its gateways';

const introspect = (
  { app }: TestIdentity,
  form: Record<string, string>,
  authorization: string | undefined = `Bearer ${SECRET.replaceAll(' ', '-')}`,
) =>
  app.inject({
    method: 'POST',
    url: '/introspect',
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      ...(authorization !== '' && { authorization }),
    },
    payload: new URLSearchParams(form).toString(),
  });

const secret = SECRET.replaceAll(' ', '-');

onEachStore(
  'a gateway in another process learns what one in this process does',
  async (t, store) => {
    const identity = await startIdentity(t, store, { secret });
    const { caller, session } = await identity.signUp();
    const { key } = await identity.createKey(caller, { expiresIn: '1d' });
    for (const [kind, text] of [
      ['key', key],
      ['session', session],
      ['key', 'garbage'],
    ] as const) {
      const here = await identity.identity.resolve({ kind, text });
      for (const form of [{ token: text, token_type_hint: kind }, { token: text }]) {
        const answer = await introspect(identity, form);
        t.equal(answer.statusCode, 200);
        t.equal(answer.headers['cache-control'], 'no-store');
        const there = decodeResolution(answer.json());
        t.equal(there?.active, here.active);
        if (there?.active && here.active) {
          const { expiresAt: a, ...left } = there.caller;
          const { expiresAt: b, ...right } = here.caller;
          t.same(left, right);
          t.equal(a, Math.floor((b ?? 0) / 1000) * 1000, 'to the second');
        }
      }
    }
  },
);

onEachStore('without the secret nobody learns anything', async (t, store) => {
  const identity = await startIdentity(t, store, { secret });
  const { caller } = await identity.signUp();
  const { key } = await identity.createKey(caller);
  const bad = [
    '',
    `Bearer ${secret}x`,
    `Bearer ${secret.slice(1)}`,
    `Basic ${secret}`,
    secret,
    'Bearer ',
  ];
  for (const authorization of bad) {
    const answers = [
      await introspect(identity, { token: key }, authorization),
      await introspect(identity, {}, authorization),
    ];
    for (const answer of answers) {
      t.equal(answer.statusCode, 401, authorization);
      t.match(answer.json(), { errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] });
      t.equal(answer.headers['cache-control'], 'no-store');
    }
  }
});

onEachStore('without a secret there is no introspection', async (t, store) => {
  const identity = await startIdentity(t, store);
  t.equal((await introspect(identity, { token: 'x' })).statusCode, 404);
});

onEachStore('a question that is malformed is refused', async (t, store) => {
  const identity = await startIdentity(t, store, { secret });
  t.equal((await introspect(identity, {})).statusCode, 400);
  t.equal((await introspect(identity, { token: '' })).statusCode, 400);
  t.equal((await introspect(identity, { token: 'x'.repeat(70_000) })).statusCode, 413);
  const json = await identity.app.inject({
    method: 'POST',
    url: '/introspect',
    headers: { authorization: `Bearer ${secret}` },
    payload: { token: 'x' },
  });
  t.equal(json.statusCode, 415);
});

onEachStore('an outage of the store is 503 and not inactive', async (t, store) => {
  const identity = await startIdentity(t, store, { secret });
  const { caller } = await identity.signUp();
  const { key } = await identity.createKey(caller);
  await identity.tables.schema.alterTable('api_key').renameTo('api_key_gone').execute();
  const answer = await introspect(identity, { token: key });
  t.equal(answer.statusCode, 503);
  t.match(answer.json(), { errors: [{ extensions: { code: 'IDENTITY_UNAVAILABLE' } }] });
});
