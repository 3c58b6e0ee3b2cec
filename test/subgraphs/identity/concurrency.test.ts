import { manyKeys, PASSWORD, startIdentity } from '../support/running-identity.ts';
import { onEachStore } from '../support/stores.ts';

onEachStore(
  'every key that was acknowledged is stored, whatever rolls back beside it',
  async (t, store) => {
    const identity = await startIdentity(t, store, { settings: manyKeys });
    const { caller } = await identity.signUp('ada@example.com');
    const signUps = Array.from({ length: 10 }, (_, index) =>
      identity.app.inject({
        method: 'POST',
        url: '/api/auth/sign-up/email',
        payload: {
          name: 'Eve',
          // Half of them fail: the address is taken.
          email: index % 2 === 0 ? 'ada@example.com' : `eve${index}@example.com`,
          password: PASSWORD,
        },
      }),
    );
    const keys = Array.from({ length: 50 }, (_, index) =>
      identity.ask(
        caller,
        'mutation ($input: CreateAPIKeyInput!) { createAPIKey(input: $input) { id } }',
        // Each fifth one fails inside its transaction.
        { input: { name: `key ${index}`, ...(index % 5 === 0 && { expiresIn: '99y' }) } },
      ),
    );
    const answers = await Promise.all(keys);
    const statuses = (await Promise.all(signUps)).map(({ statusCode }) => statusCode);
    t.equal(statuses.filter((status) => status === 200).length, 5);
    t.equal(statuses.filter((status) => status === 422).length, 5);

    const acknowledged = answers.flatMap(({ data }) =>
      data ? [(data.createAPIKey as { id: string }).id] : [],
    );
    t.equal(acknowledged.length, 40);
    const rows = await identity.tables.selectFrom('api_key').select('id').execute();
    t.same(new Set(rows.map(({ id }) => id)), new Set(acknowledged));
    const environments = await identity.tables.selectFrom('environment').select('id').execute();
    t.equal(environments.length, 6, 'and everybody who signed up has their place');
  },
);
