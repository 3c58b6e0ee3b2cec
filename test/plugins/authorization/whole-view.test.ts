import t from 'tap';
import { startGuarded } from './support/guarded-gateway.ts';
import { callerWith } from './support/guarded-graph.ts';

const posts = {
  content: {
    typeDefs: `
      type Query { posts(stage: Stage): [Post] }
      enum Stage { DRAFT PUBLISHED }
      type Post @key(fields: "id") { id: ID }`,
    resolvers: { Query: { posts: () => [{ id: '1' }] } },
  },
};

t.test('arguments are judged of whoever sees every field, but not every record', async (t) => {
  const reader = callerWith([{ actions: ['READ'], on: '*', stages: ['PUBLISHED'] }]);
  const gateway = await startGuarded(t, posts, { reader });
  const published = await gateway.ask('reader', { query: '{ posts(stage: PUBLISHED) { id } }' });
  t.same(await published.json(), { data: { posts: [{ id: '1' }] } });
  gateway.calls.length = 0;
  const drafts = await gateway.ask('reader', { query: '{ posts(stage: DRAFT) { id } }' });
  t.match(await drafts.json(), {
    data: { posts: null },
    errors: [{ path: ['posts'], extensions: { code: 'FORBIDDEN' } }],
  });
  t.same(gateway.calls, []);
});
