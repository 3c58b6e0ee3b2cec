import { anonymousCaller, type Caller } from '#contract/caller.ts';
import { CLAIMS_HEADER } from '#contract/claims.ts';
import { permissionsOf } from '#contract/permissions/scope.ts';
import { createContent } from '#subgraphs/content/app.ts';
import { askSubgraph, codeOf } from '../support/ask-subgraph.ts';
import { createClaimsIssuer } from '../support/claims-issuer.ts';
import { onEachStore } from '../support/stores.ts';

const reader: Caller = {
  ...anonymousCaller,
  kind: 'key',
  subject: 'user_reader',
  permissions: permissionsOf(['read:all']),
};

onEachStore('U+0000 is refused wherever text comes in, and reaches no store', async (t, store) => {
  const issuer = await createClaimsIssuer();
  const { database, dialect } = store;
  const content = await createContent({ database, dialect, claims: { keys: issuer.keys } });
  t.teardown(() => content.close());
  const headers = { [CLAIMS_HEADER]: await issuer.mint(reader, 'content', Date.now()) };
  const ask = (query: string, variables?: Record<string, unknown>) =>
    askSubgraph(content.app, headers, query, variables);
  const nul = '\u0000';
  const entities = 'query ($r: [_Any!]!) { _entities(representations: $r) { __typename } }';
  const attempts: readonly (readonly [query: string, variables?: Record<string, unknown>])[] = [
    ['{ post(id: "\\u0000") { id } }'],
    ['{ post(id: "a\\u{0}b") { id } }'],
    [`{ post(id: "${nul}") { id } }`],
    [`{ post(id: """ ${nul} """) { id } }`],
    ['{ posts(locale: "\\u{000}") { id } }'],
    ['query ($id: ID! = "\\u0000") { post(id: $id) { id } }'],
    ['query ($id: ID!) { post(id: $id) { id } }', { id: `a${nul}` }],
    ['query ($l: String) { posts(locale: $l) { id } }', { l: nul }],
    [entities, { r: [{ __typename: 'Post', id: nul }] }],
    [entities, { r: [{ __typename: 'User', id: 'a', deep: [{ er: nul }] }] }],
    ['{ _entities(representations: [{ __typename: "Post", id: "\\u0000" }]) { __typename } }'],
  ];
  for (const [query, variables] of attempts) {
    for (const time of ['first', 'second']) {
      const answer = await ask(query, variables);
      const what = `${time} ${JSON.stringify([query, variables])}`;
      t.equal(answer.status, 400, what);
      t.equal(codeOf(answer), 'BAD_USER_INPUT', what);
      t.equal(answer.data, undefined, what);
    }
  }
  const harmless = await ask(
    '{ post(id: """\\u0000""") { id } other: post(id: "\\\\u0000") { id } }',
  );
  t.strictSame(harmless, { status: 200, data: { post: null, other: null } });
});
