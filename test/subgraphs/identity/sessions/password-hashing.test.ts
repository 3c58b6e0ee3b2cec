import t from 'tap';
import { createBoundedWork } from '#subgraphs/identity/bounded-work.ts';
import { codedOverload, passwordHashing } from '#subgraphs/identity/sessions/password-hashing.ts';
import { codeIn, createAuthClient } from '../../support/auth-client.ts';
import { PASSWORD, startIdentity } from '../../support/running-identity.ts';
import { onEachStore } from '../../support/stores.ts';

t.test('only so much goes on at once, some more waits, and the rest is refused', async (t) => {
  const work = createBoundedWork({ atOnce: 2, waiting: 1 });
  const gate = Promise.withResolvers<void>();
  let running = 0;
  let most = 0;
  const one = async () => {
    running += 1;
    most = Math.max(most, running);
    await gate.promise;
    running -= 1;
  };
  const taken = [work.run(one), work.run(one), work.run(one)];
  await t.rejects(work.run(one), { code: 'OVERLOADED', statusCode: 503 });
  gate.resolve();
  await Promise.all(taken);
  t.equal(most, 2);
  await work.run(one);
  await t.rejects(
    work.run(async () => Promise.reject(new Error('its own'))),
    { message: 'its own' },
  );
  await work.run(one);
});

t.test('passwords that are too many to hash are refused in words of ours', async (t) => {
  const { hash, verify } = passwordHashing(createBoundedWork({ atOnce: 1, waiting: 0 }));
  const first = hash('one');
  const refused = await hash('two').catch((error: unknown) => error);
  t.match(codedOverload(refused), { code: 'OVERLOADED', statusCode: 503 });
  const stored = await first;
  t.ok(await verify({ hash: stored, password: 'one' }));
  t.notOk(await verify({ hash: stored, password: 'two' }));
  const other = new Error('another');
  t.equal(codedOverload(other), other);
});

onEachStore('a flood of sign-ins is refused, and ends nothing', async (t, store) => {
  const identity = await startIdentity(t, store, { passwords: undefined });
  await identity.signUp('ada@example.com');
  const answers = await Promise.all(
    Array.from({ length: 100 }, (_, index) =>
      createAuthClient(identity, `198.51.100.${index}`).post('/sign-in/email', {
        email: `nobody-${index}@example.com`,
        password: 'not the password at all',
      }),
    ),
  );
  const statuses = Map.groupBy(answers, ({ status }) => status);
  t.strictSame([...statuses.keys()].sort(), [401, 503]);
  for (const answer of statuses.get(503) ?? []) t.equal(codeIn(answer), 'OVERLOADED');
  const after = { email: 'ada@example.com', password: PASSWORD };
  t.equal((await createAuthClient(identity).post('/sign-in/email', after)).status, 200);
});
