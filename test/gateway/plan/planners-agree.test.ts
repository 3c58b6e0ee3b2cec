import t, { type Test } from 'tap';
import type { PlanningOptions } from '#gateway/plan/planning-options.ts';
import { blog } from '#test/support/blog.ts';
import { type OpenGateway, startOpenGateway } from '#test/support/open-gateway.ts';

/** Each crosses subgraphs, or asks what planners plan differently. */
const operations: readonly { readonly query: string; readonly variables?: object }[] = [
  { query: '{ me { id name posts { title author { name posts { id } } } } }' },
  { query: '{ users { posts(first: 1) { title shipping } } hello }' },
  {
    query:
      '{ feed { __typename ... on Post { title author { n: name } } ... on Ad { owner { name } } } }',
  },
  { query: '{ grid { title shipping author { name } } }' },
  { query: '{ posts { weight: title shipping author { id: name } } }' },
  {
    query:
      'query ($a: Boolean!) { me { name @skip(if: $a) posts @include(if: $a) { title author { name } } } }',
    variables: { a: true },
  },
  {
    query:
      'query ($a: Boolean!) { me { name @skip(if: $a) posts @include(if: $a) { title author { name } } } }',
    variables: { a: false },
  },
  {
    query:
      'query ($n: Int) { me { posts(first: $n) { ...P } } } fragment P on Post { title author { ...U } } fragment U on User { name }',
    variables: { n: 2 },
  },
  { query: '{ node(id: "2") { id ... on User { name posts { id } } } }' },
  {
    query:
      'mutation { addPost(title: "x") { title author { name } } b: addPost(title: "y") { title shipping } }',
  },
  { query: '{ users { broken posts { author { brokenTwice } } } }' },
  {
    query: '{ __typename me { __typename posts { __typename } } __schema { queryType { name } } }',
  },
];

async function startWith(t: Test, planner: PlanningOptions['planner']): Promise<OpenGateway> {
  const gateway = await startOpenGateway(blog, { planner });
  t.teardown(() => gateway.close());
  return gateway;
}

t.test('both planners lead to the same answers', async (t) => {
  const hive = await startWith(t, 'hive');
  const apollo = await startWith(t, 'apollo');
  for (const { query, variables } of operations) {
    const ask = (gateway: OpenGateway) => gateway.ask(query, { ...variables });
    const answer = await ask(hive);
    t.not(answer.data, undefined, query);
    t.same(await ask(apollo), answer, query);
    t.same(await ask(apollo), answer, 'and again, prepared');
  }
});

t.test('one call asks about entities in several places, whoever plans', async (t) => {
  for (const planner of ['hive', 'apollo'] as const) {
    const { ask, calls } = await startWith(t, planner);
    await ask(
      '{ feed { ... on Post { author { name } } ... on Ad { owner { name } } } posts { author { name } } }',
    );
    t.same(calls.map((call) => call.subgraph).sort(), ['posts', 'users'], planner);
  }
});
