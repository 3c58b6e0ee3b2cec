import t from 'tap';
import { ask, bearer, signUp } from '#test/support/client.ts';
import { onEachCastellan } from '#test/support/running-castellan.ts';

t.jobs = 1;

const createKey = `mutation ($input: CreateAPIKeyInput!) { createAPIKey(input: $input) { id key } }`;

const EXPLAIN = `query ($operation: String!, $apiKeyId: ID, $caller: ExplainedCaller) {
  explainAccess(operation: $operation, apiKeyId: $apiKeyId, caller: $caller) {
    outcome subgraphs fields { coordinate outcome missing }
  }
}`;

const operation = '{ posts { title author { email } } }';

const expected = {
  explainAccess: {
    outcome: 'PARTIAL',
    subgraphs: ['content'],
    fields: [
      { coordinate: 'Query.posts', outcome: 'ALLOW', missing: null },
      { coordinate: 'Post.title', outcome: 'ALLOW', missing: null },
      { coordinate: 'Post.author', outcome: 'DENY', missing: 'READ' },
      { coordinate: 'User.email', outcome: 'DENY', missing: 'READ' },
    ],
  },
};

/** How often each subgraph was called, by the gateway's own count. */
async function fetches(url: string): Promise<ReadonlyMap<string, number>> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const counts = text.matchAll(/^castellan_subgraph_fetches_total\{(.*)\} (\d+)$/gm);
  const found = new Map<string, number>();
  for (const [, labels = '', count] of counts) {
    const name = /subgraph="([^"]*)"/.exec(labels)?.[1] ?? '';
    found.set(name, (found.get(name) ?? 0) + Number(count));
  }
  return found;
}

onEachCastellan('what a key may do is explained to whom it concerns', async (t, { url }) => {
  const cookie = await signUp(url, 'dev@example.com');
  const session = { headers: { cookie } };
  const grants = ['Post.title', 'subgraph:authorization'].map((on) => ({ actions: ['READ'], on }));
  const made = await ask(url, createKey, {
    ...session,
    variables: { input: { name: 'narrow', grants } },
  });
  t.notOk(made.errors);
  const { id, key } = (made.data as { createAPIKey: { id: string; key: string } }).createAPIKey;
  const explain = (headers: Record<string, string>, variables: object = {}) =>
    ask(url, EXPLAIN, { headers, variables: { operation, ...variables } });

  const before = await fetches(url);
  const itself = await explain(bearer(key).headers);
  t.same(itself.data, expected, 'to itself');
  t.same((await explain({ cookie }, { apiKeyId: id })).data, expected, 'to its owner, by its id');
  t.match((await explain({ cookie })).data, {
    explainAccess: { outcome: 'ALLOWED', subgraphs: ['content', 'identity'] },
  });
  const caller = { grants: [{ actions: ['READ'], on: 'Post.title' }] };
  t.same((await explain({ cookie }, { caller })).data, expected, 'and of somebody made up');
  const after = await fetches(url);
  const { authorization: explained, ...others } = Object.fromEntries(after);
  t.ok((explained ?? 0) >= 4);
  t.same(others, Object.fromEntries([...before].filter(([name]) => name !== 'authorization')));

  const answered = await ask(url, operation, bearer(key));
  t.match(answered.errors ?? [], [], 'nothing is in the list whose author could be denied');

  const stranger = { cookie: await signUp(url, 'other@example.com') };
  const foreign = await explain(stranger, { apiKeyId: id });
  t.match(foreign.errors, [{ extensions: { code: 'NOT_FOUND' } }]);
  t.equal((await explain(stranger, { apiKeyId: 'key_nothing' })).text, foreign.text);
  t.match((await explain(bearer(key).headers, { caller })).errors, [
    { extensions: { code: 'FORBIDDEN' } },
  ]);
  t.match((await explain({}, {})).errors, [{ extensions: { code: 'UNAUTHENTICATED' } }]);

  await ask(url, 'mutation ($id: ID!) { revokeAPIKey(id: $id) { id } }', {
    ...session,
    variables: { id },
  });
  t.match((await explain({ cookie }, { apiKeyId: id })).errors, [
    { extensions: { code: 'NOT_FOUND', status: 'REVOKED' } },
  ]);
  t.equal((await explain(stranger, { apiKeyId: id })).text, foreign.text);
});
