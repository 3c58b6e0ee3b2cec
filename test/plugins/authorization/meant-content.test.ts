import t from 'tap';
import { startGuarded } from './support/guarded-gateway.ts';
import { callerWith } from './support/guarded-graph.ts';

/** A subgraph that asks nobody for rights: what it is called for, it answers. */
const trusting = {
  content: {
    typeDefs: `
      type Query { posts(stage: Stage, locale: String): [Post] fixed(stage: Stage = DRAFT): [Post] @access(on: "Post") }
      enum Stage { DRAFT QA PUBLISHED }
      type Post @key(fields: "id") { id: ID }`,
    resolvers: { Query: { posts: () => [{ id: '1' }], fixed: () => [{ id: '1' }] } },
  },
};
const open = callerWith([
  { actions: ['READ'], on: 'Post', stages: ['PUBLISHED', 'QA'], locales: ['en'] },
]);
const meaning = (defaultStage: string | null, ...locales: string[]) => ({
  ...open,
  defaultStage,
  ...(locales.length > 0 && { locales }),
});
const callers = {
  nothing: meaning(null),
  published: meaning('PUBLISHED'),
  drafts: meaning('DRAFT'),
  german: meaning('QA', 'de'),
  both: meaning('QA', 'de', 'en'),
  draftsInBoth: meaning('DRAFT', 'de', 'en'),
};

t.test(
  'what a request means is judged before anything is fetched, and arguments come first',
  async (t) => {
    const gateway = await startGuarded(t, trusting, callers);
    /** How often the subgraph is called for it. */
    const calls = async (caller: keyof typeof callers, query: string, variables = {}) => {
      gateway.calls.length = 0;
      await gateway.ask(caller, { query, variables });
      return gateway.calls.length;
    };
    const table: [keyof typeof callers, string, number][] = [
      ['nothing', '{ posts { id } }', 1],
      ['published', '{ posts { id } }', 1],
      ['drafts', '{ posts { id } }', 0],
      ['drafts', '{ posts(stage: null) { id } }', 0],
      ['drafts', '{ posts(stage: QA) { id } }', 1],
      ['published', '{ posts(stage: DRAFT) { id } }', 0],
      ['german', '{ posts { id } }', 0],
      ['german', '{ posts(locale: "en") { id } }', 1],
      ['german', '{ posts(locale: null) { id } }', 0],
      ['both', '{ posts { id } }', 1],
      ['both', '{ posts(locale: "de") { id } }', 0],
      ['draftsInBoth', '{ posts { id } }', 0],
      ['published', '{ fixed { id } }', 0],
    ];
    // Twice: what is kept of an operation is nothing that a wish decides.
    for (const round of [1, 2]) {
      for (const [caller, query, expected] of table) {
        t.equal(await calls(caller, query), expected, `${round}: ${caller} ${query}`);
      }
    }
    const query = 'query ($stage: Stage) { posts(stage: $stage) { id } }';
    t.equal(await calls('drafts', query), 0, 'a variable that is not given names nothing');
    t.equal(await calls('drafts', query, { stage: 'QA' }), 1);
  },
);
