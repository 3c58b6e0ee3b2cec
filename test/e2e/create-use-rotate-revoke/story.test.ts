import t from 'tap';
import { ask, bearer, cookieOf, signUp } from '#test/support/client.ts';
import { onEachCastellan } from '#test/support/running-castellan.ts';

const createKey = /* GraphQL */ `
  mutation CreateAPIKey($input: CreateAPIKeyInput!) {
    createAPIKey(input: $input) { id key name createdAt expiresAt }
  }`;
const revokeKey = /* GraphQL */ `
  mutation RevokeAPIKey($id: ID!) { revokeAPIKey(id: $id) { id revokedAt } }`;
const viewer = '{ viewer { id email name } }';

const unauthenticated = {
  errors: [
    {
      message: 'You must be authenticated to perform this action',
      extensions: { code: 'UNAUTHENTICATED' },
    },
  ],
};

interface Created {
  readonly createAPIKey: {
    id: string;
    key: string;
    name: string;
    createdAt: string;
    expiresAt: string;
  };
}

onEachCastellan('a key is created, used, rotated by hand and revoked', async (t, { url }) => {
  const email = 'dev@example.com';
  const cookie = await signUp(url, email);
  const session = { headers: { cookie } };
  const day = 86_400_000;

  // Create, with a session.
  const input = { name: 'CI/CD Pipeline', permissions: ['READ', 'WRITE'], expiresIn: '30d' };
  const first = await ask(url, createKey, { ...session, variables: { input } });
  t.notOk(first.errors);
  const old = (first.data as Created).createAPIKey;
  t.equal(old.name, 'CI/CD Pipeline');
  t.match(old.key, /^cst_test_[0-9A-Za-z]{49}$/);
  t.equal(Date.parse(old.expiresAt) - Date.parse(old.createdAt), 30 * day);

  // Use it.
  const used = await ask(url, viewer, bearer(old.key));
  t.match(used.data, { viewer: { email, name: 'Somebody' } });
  const crossing = await ask(url, '{ viewer { email posts { title } } }', bearer(old.key));
  t.match(crossing.data, { viewer: { email, posts: [] } });

  // It reads and writes, and it is no administrator.
  const escalation = await ask(url, createKey, { ...bearer(old.key), variables: { input } });
  t.match(escalation.errors, [
    {
      message: 'You do not have permission to perform this action',
      extensions: { code: 'FORBIDDEN' },
    },
  ]);
  t.match(escalation.data ?? null, null);

  // Rotate by hand: a new key, both work, the old one is revoked.
  const second = await ask(url, createKey, { ...session, variables: { input } });
  const fresh = (second.data as Created).createAPIKey;
  for (const key of [old.key, fresh.key]) {
    t.match((await ask(url, viewer, bearer(key))).data, { viewer: { email } });
  }
  const revoked = await ask(url, revokeKey, { ...session, variables: { id: old.id } });
  const { revokeAPIKey } = revoked.data as { revokeAPIKey: { id: string; revokedAt: string } };
  t.equal(revokeAPIKey.id, old.id);
  t.ok(Date.parse(revokeAPIKey.revokedAt) <= Date.now());

  // In one process it is refused at once; in two, a resolution may live five seconds more.
  const refused = await eventuallyRefused(url, old.key);
  t.equal(refused.status, 401);
  t.same(JSON.parse(refused.text), unauthenticated);
  t.match(refused.headers.get('www-authenticate'), /^Bearer /);
  t.match((await ask(url, viewer, bearer(fresh.key))).data, { viewer: { email } });

  // Revoking twice, and what is nobody's or somebody else's.
  const again = await ask(url, revokeKey, { ...session, variables: { id: old.id } });
  t.match(again.errors, [{ extensions: { code: 'ALREADY_REVOKED' } }]);
  const stranger = { headers: { cookie: await signUp(url, 'other@example.com') } };
  const foreign = await ask(url, revokeKey, { ...stranger, variables: { id: fresh.id } });
  const unknown = await ask(url, revokeKey, { ...stranger, variables: { id: 'key_nothing' } });
  t.match(foreign.errors, [{ extensions: { code: 'NOT_FOUND' } }]);
  t.equal(foreign.text, unknown.text, 'a foreign id and an unknown one cannot be told apart');

  // Sign out: the session is over, the key goes on.
  const signOut = await fetch(`${url}/api/auth/sign-out`, { method: 'POST', headers: { cookie } });
  t.equal(signOut.status, 200);
  t.notMatch(cookieOf(signOut), /=[^;]/, 'the cookie is cleared');
  t.match((await ask(url, viewer, bearer(fresh.key))).data, { viewer: { email } });
});

/** Asks until the key is refused, for at most the five seconds that a resolution may live without a feed. */
async function eventuallyRefused(url: string, key: string): ReturnType<typeof ask> {
  const until = Date.now() + 6_000;
  let answer = await ask(url, viewer, bearer(key));
  while (answer.status !== 401 && Date.now() < until) answer = await ask(url, viewer, bearer(key));
  return answer;
}

t.jobs = 1;
