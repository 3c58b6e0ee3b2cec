import { sql } from 'kysely';
import { anonymousCaller } from '#contract/caller.ts';
import { numberKeys } from '#subgraphs/identity/database/number-keys.ts';
import { codeOf } from '../../support/ask-subgraph.ts';
import { manyKeys, startIdentity, type TestIdentity } from '../../support/running-identity.ts';
import { onEachStore } from '../../support/stores.ts';

const LIST = `query ($filter: APIKeyFilter) {
  apiKeys(first: 100, filter: $filter) { nodes { id number } }
}`;

type Caller = Parameters<TestIdentity['ask']>[0];

async function list(identity: TestIdentity, caller: Caller, filter: Record<string, unknown> = {}) {
  const { data } = await identity.ask(caller, LIST, { filter });
  const page = data?.apiKeys as { nodes: { id: string; number: number }[] } | undefined;
  return page?.nodes ?? [];
}

onEachStore('each key has a number of its own, also of those made at once', async (t, store) => {
  const identity = await startIdentity(t, store, { settings: manyKeys });
  const { caller } = await identity.signUp();
  const { caller: other } = await identity.signUp();
  const makers = Array.from({ length: 20 }, (_, index) => (index % 2 === 0 ? caller : other));
  await Promise.all(makers.map((each) => identity.createKey(each)));
  const all = [...(await list(identity, caller)), ...(await list(identity, other))];
  const numbers = all.map(({ number }) => number);
  t.equal(new Set(numbers).size, 20);
  t.ok(
    numbers.every((number) => Number.isInteger(number) && number >= 1 && number <= 100),
    `small integers: ${numbers}`,
  );
});

onEachStore('a number is told with the key, and stays through its changes', async (t, store) => {
  const identity = await startIdentity(t, store);
  const { caller } = await identity.signUp();
  const made = await identity.ask(
    caller,
    'mutation { createAPIKey(input: { name: "n" }) { id apiKey { number } } }',
  );
  const created = made.data?.createAPIKey as { id: string; apiKey: { number: number } } | undefined;
  const id = created?.id ?? '';
  const number = created?.apiKey.number ?? -1;
  await identity.ask(caller, `mutation { updateAPIKey(id: "${id}", input: { name: "m" }) { id } }`);
  await identity.ask(caller, `mutation { rotateAPIKey(id: "${id}") { id } }`);
  t.strictSame(await list(identity, caller), [{ id, number }]);
  const revoked = await identity.ask(
    caller,
    `mutation { revokeAPIKey(id: "${id}") { number revokedAt } }`,
  );
  t.match(revoked.data, { revokeAPIKey: { number } });
});

onEachStore('a list is asked for one number, and for what is not revoked', async (t, store) => {
  const identity = await startIdentity(t, store);
  const { caller } = await identity.signUp();
  const { caller: other } = await identity.signUp();
  const first = await identity.createKey(caller);
  const second = await identity.createKey(caller);
  const foreign = await identity.createKey(other);
  const [theirs] = await list(identity, other);
  const numberOf = async (id: string) =>
    (await list(identity, caller)).find((each) => each.id === id)?.number;
  t.match(await list(identity, caller, { number: await numberOf(first.id) }), [{ id: first.id }]);
  t.equal(theirs?.id, foreign.id);
  t.strictSame(await list(identity, caller, { number: theirs?.number }), [], 'a foreign number');
  t.strictSame(await list(identity, caller, { number: 2_147_483_647 }), []);
  await identity.ask(caller, `mutation { revokeAPIKey(id: "${first.id}") { id } }`);
  t.match(await list(identity, caller, { revoked: false }), [{ id: second.id }]);
  t.match(await list(identity, caller, { revoked: true }), [{ id: first.id }]);
  t.equal(codeOf(await identity.ask(anonymousCaller, LIST, {})), 'UNAUTHENTICATED');
});

onEachStore('keys that were there before get numbers in their order', async (t, store) => {
  const identity = await startIdentity(t, store);
  const { caller } = await identity.signUp();
  const ids: string[] = [];
  for (let made = 0; made < 3; made += 1) {
    ids.push((await identity.createKey(caller)).id);
    identity.clock.advance(1);
  }
  const { database, dialect } = store;
  await database.transaction().execute(async (transaction) => {
    const on = dialect === 'postgres' ? ' on api_key' : '';
    await sql.raw(`drop trigger number_api_key${on}`).execute(transaction);
    if (dialect === 'postgres') await sql.raw('drop function number_api_key').execute(transaction);
    await sql.raw('drop table api_key_number').execute(transaction);
    await numberKeys(transaction, dialect);
  });
  const fourth = await identity.createKey(caller);
  const numbers = new Map((await list(identity, caller)).map(({ id, number }) => [id, number]));
  t.strictSame(
    [...ids, fourth.id].map((id) => numbers.get(id)),
    [1, 2, 3, 4],
  );
});
