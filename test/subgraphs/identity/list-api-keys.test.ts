import { anonymousCaller } from '#contract/caller.ts';
import { codeOf } from '../support/ask-subgraph.ts';
import { manyKeys, startIdentity, withScopes } from '../support/running-identity.ts';
import { onEachStore } from '../support/stores.ts';

const LIST = `query ($first: Int, $after: String) {
  apiKeys(first: $first, after: $after) {
    edges { cursor node { id name revokedAt } }
    nodes { id }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}`;

interface Page {
  readonly edges: readonly { readonly cursor: string; readonly node: { readonly name: string } }[];
  readonly nodes: readonly unknown[];
  readonly pageInfo: Readonly<Record<string, unknown>>;
}

onEachStore('pages follow each other without gaps while keys come and go', async (t, store) => {
  const identity = await startIdentity(t, store, { settings: manyKeys });
  const { caller } = await identity.signUp();
  const ids: string[] = [];
  for (const name of ['one', 'two', 'three', 'four', 'five']) {
    ids.push((await identity.createKey(caller, { name })).id);
    // Two of them in the same millisecond: the id decides.
    if (name !== 'two') identity.clock.advance(1);
  }
  const page = async (first: number, after?: unknown): Promise<Page> =>
    (await identity.ask(caller, LIST, { first, after })).data?.apiKeys as Page;
  const first = await page(2);
  t.strictSame(
    first.edges.map(({ node }) => node.name),
    ['five', 'four'],
  );
  t.match(first.pageInfo, { hasNextPage: true, hasPreviousPage: false });
  await identity.createKey(caller, { name: 'newer' });
  await identity.ask(caller, `mutation { revokeAPIKey(id: "${ids[3]}") { id } }`);
  const second = await page(2, first.pageInfo.endCursor);
  const third = await page(2, second.pageInfo.endCursor);
  const rest = [...second.edges, ...third.edges].map(({ node }) => node.name);
  t.strictSame(new Set(rest), new Set(['three', 'two', 'one']));
  t.match(third.pageInfo, { hasNextPage: false, hasPreviousPage: true });
  t.equal(third.nodes.length, third.edges.length);
  const beyond = await page(2, third.pageInfo.endCursor);
  t.strictSame(beyond, {
    edges: [],
    nodes: [],
    pageInfo: { hasNextPage: false, hasPreviousPage: true, startCursor: null, endCursor: null },
  });
});

onEachStore('a list shows the caller’s own keys and no secret', async (t, store) => {
  const identity = await startIdentity(t, store);
  const { caller } = await identity.signUp();
  const { caller: other } = await identity.signUp();
  await identity.createKey(other);
  const mine = await identity.createKey(caller);
  const answer = await identity.ask(mine.caller, '{ apiKeys { nodes { id prefix } } }');
  t.match(answer.data, { apiKeys: { nodes: [{ id: mine.id }] } });
  t.notMatch(JSON.stringify(answer), mine.key);
});

onEachStore('a page of no size, and a cursor that is none, are bad input', async (t, store) => {
  const identity = await startIdentity(t, store);
  const { caller } = await identity.signUp();
  for (const first of [0, -1, 101, 2_147_483_647]) {
    const answer = await identity.ask(caller, LIST, { first });
    t.equal(codeOf(answer), 'BAD_USER_INPUT', `${first}`);
    t.equal(answer.errors?.[0]?.extensions?.argument, 'first');
  }
  const sql = Buffer.from("1:' or 1=1 --").toString('base64url');
  for (const after of ['', 'garbage', sql, 'x'.repeat(1000)]) {
    const answer = await identity.ask(caller, LIST, { after });
    t.equal(codeOf(answer), 'BAD_USER_INPUT', after.slice(0, 20));
    t.equal(answer.errors?.[0]?.extensions?.argument, 'after');
  }
});

onEachStore('reading keys and people needs READ', async (t, store) => {
  const identity = await startIdentity(t, store);
  const { caller } = await identity.signUp();
  const { id } = await identity.createKey(caller);
  const queries = [
    '{ apiKeys { nodes { id } } }',
    `{ apiKey(id: "${id}") { id } }`,
    '{ me { id } }',
    '{ viewer { id } }',
    `{ _entities(representations: [{ __typename: "APIKey", id: "${id}" }]) { __typename } }`,
    `{ _entities(representations: [{ __typename: "User", id: "${caller.subject}" }]) { __typename } }`,
    `{ _entities(representations: [{ __typename: "Organization", id: "${caller.organization}" }]) { __typename } }`,
  ];
  for (const query of queries) {
    t.equal(codeOf(await identity.ask(anonymousCaller, query)), 'UNAUTHENTICATED', query);
    t.equal(codeOf(await identity.ask(withScopes(caller, 'write:all'), query)), 'FORBIDDEN', query);
    t.equal((await identity.ask(caller, query)).errors, undefined, query);
  }
});
