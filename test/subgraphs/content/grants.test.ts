import fc from 'fast-check';
import type { Caller } from '#contract/caller.ts';
import { allowsRecord, decideRows } from '#contract/permissions/decide.ts';
import { isWithin } from '#contract/permissions/is-within.ts';
import { permissionsOf } from '#contract/permissions/scope.ts';
import { codeOf } from '../support/ask-subgraph.ts';
import { onEachStore } from '../support/stores.ts';
import {
  keyWith,
  member,
  publicWith,
  type RunningPosts,
  startPosts,
  type Written,
} from './support/running-content.ts';

const read = (rest: object = {}): Written => ({ actions: ['READ'], ...rest });

/** Every post that a caller finds, by each way to them; the ways have to agree. */
async function slugsOf({ ask }: RunningPosts, caller: Caller): Promise<string> {
  const stages = ['DRAFT', 'QA', 'PUBLISHED'];
  const lists = stages.map((stage) => `${stage}: posts(stage: ${stage}, first: 100) { id }`);
  const { data } = await ask(member, `{ ${lists.join(' ')} }`);
  const ids = Object.values(data ?? {}).flatMap((list) => idsIn(list));
  const answers = await Promise.all([
    ...lists.map((list) => ask(caller, `{ ${list} }`)),
    ...stages.map((stage) =>
      ask(
        caller,
        `{ _entities(representations: [{ __typename: "User", id: "user_1" }]) { ... on User { posts(stage: ${stage}, first: 100) { id } } } }`,
      ),
    ),
    ask(caller, `{ ${ids.map((id, index) => `p${index}: post(id: "${id}") { id }`).join(' ')} }`),
    ask(caller, 'query ($r: [_Any!]!) { _entities(representations: $r) { ... on Post { id } } }', {
      r: ids.map((id) => ({ __typename: 'Post', id })),
    }),
  ]);
  const [draft, qa, published, ofDraft, ofQa, ofPublished, single, entities] = answers.map(
    (answer) => [...new Set(idsIn(answer.data))].sort().join(),
  );
  const listed = [draft, qa, published].filter(Boolean).join().split(',').sort().join();
  const ofAuthor = [ofDraft, ofQa, ofPublished].filter(Boolean).join().split(',').sort().join();
  const all = new Set([listed, ofAuthor, single, entities]);
  if (all.size > 1) throw new Error(`the ways do not agree: ${[...all].join(' | ')}`);
  return listed.replaceAll('post_', '');
}

function idsIn(value: unknown): readonly string[] {
  return [...JSON.stringify(value ?? null).matchAll(/"id":"([^"]+)"/g)].map(([, id]) => id ?? '');
}

/** The posts of a person are seen by whoever may see that there are any. */
const person = { actions: ['READ'], on: 'User.posts' };

const cases: readonly (readonly [what: string, caller: Caller, slugs: readonly string[]])[] = [
  [
    'a colleague with READ',
    { ...member, subject: 'user_2' },
    [
      'changing-the-locks',
      'der-geheimgang',
      'keys-and-gates',
      'schloesser-wechseln',
      'the-secret-passage',
      'welcome',
      'willkommen',
    ],
  ],
  [
    'somebody of another organization',
    { ...member, organization: 'org_2' },
    ['keys-and-gates', 'welcome', 'willkommen'],
  ],
  [
    'a grant on stages and a locale',
    keyWith(person, read({ stages: ['PUBLISHED', 'QA'], locales: ['en'] })),
    ['changing-the-locks', 'keys-and-gates', 'welcome'],
  ],
  [
    'the public, with a condition as well',
    publicWith(
      person,
      read({ stages: ['PUBLISHED', 'QA'], locales: ['en'], where: { id: 'post_welcome' } }),
    ),
    ['welcome'],
  ],
  [
    'the same grant in another organization',
    {
      ...keyWith(person, read({ stages: ['PUBLISHED', 'QA'], locales: ['en'] })),
      organization: 'org_2',
    },
    ['keys-and-gates', 'welcome'],
  ],
  [
    'a grant on one field alone',
    keyWith(person, read({ on: 'Post.title', stages: ['DRAFT'] })),
    ['der-geheimgang', 'the-secret-passage'],
  ],
  [
    'alternatives',
    keyWith(
      person,
      read({ where: { slug_starts_with: 'w', publishedAt_not: null } }),
      read({ on: 'Post.body', where: { authorId: 'user_1' }, locales: ['de'], stages: ['QA'] }),
    ),
    ['schloesser-wechseln', 'welcome', 'willkommen'],
  ],
  ['a condition on what is no field', keyWith(person, read({ where: { secret: null } })), []],
];

for (const [what, caller, slugs] of cases) {
  onEachStore(`${what}: ${slugs.join(', ') || 'nothing'}, by every way`, async (t, store) => {
    const posts = await startPosts(t, store);
    t.equal(await slugsOf(posts, caller), slugs.join());
  });
}

onEachStore('the posts that are found are those in reach that a grant is on', async (t, store) => {
  const posts = await startPosts(t, store);
  const rows = await posts.tables.selectFrom('content_post').selectAll().execute();
  const some = (...values: string[]) =>
    fc.option(fc.subarray(values, { minLength: 1 }), { nil: null, freq: 2 });
  const grant = fc.record({
    actions: fc.constantFrom(['READ'], ['READ', 'UPDATE'], ['UPDATE']),
    on: fc.constantFrom('Post', 'Post.title', '*', 'subgraph:content', 'User'),
    stages: some('DRAFT', 'QA', 'PUBLISHED'),
    locales: some('en', 'de'),
    where: fc.option(
      fc.constantFrom(
        { slug_contains: 'e-' },
        { title_gt: 'K' },
        { publishedAt: null },
        { _not: { authorId: 'user_2' } },
      ),
      { nil: null, freq: 2 },
    ),
  });
  const place = fc.constantFrom('org_1', 'org_2', null);
  let found = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(grant, { maxLength: 3 }), place, async (grants, organization) => {
      const caller = { ...keyWith(person, ...(grants as readonly Written[])), organization };
      const target = { subgraph: 'content', type: 'Post' };
      const decision = decideRows(caller.permissions, { action: 'READ', target });
      const expected = rows
        .filter(
          (row) =>
            (row.stage === 'PUBLISHED' || organization === 'org_1') &&
            allowsRecord(decision, {
              record: {
                ...row,
                authorId: row.author_id,
                publishedAt: row.published_at === null ? null : new Date(row.published_at),
              },
              stage: row.stage,
              locale: row.locale,
            }),
        )
        .map(({ slug }) => slug)
        .sort();
      found += expected.length;
      return (await slugsOf(posts, caller)) === expected.join();
    }),
    { numRuns: 60 },
  );
  t.ok(found > 30, `${found} posts were found`);
});

onEachStore('a narrower key never finds more than a wider one', async (t, store) => {
  const posts = await startPosts(t, store);
  const keys = cases.map(([, caller]) => ({ ...caller, organization: 'org_2' }));
  const everything = {
    ...keyWith(),
    permissions: permissionsOf(['read:all']),
    organization: 'org_2',
  };
  const wide = new Set((await slugsOf(posts, everything)).split(','));
  const narrower = keys.filter((key) => isWithin(key.permissions, everything.permissions));
  t.equal(narrower.length, 6);
  for (const key of narrower) {
    const slugs = (await slugsOf(posts, key)).split(',').filter(Boolean);
    t.ok(slugs.every((slug) => wide.has(slug)));
  }
});

onEachStore(
  'of an entity a caller is shown the fields of their grants on that post',
  async (t, store) => {
    const { ask } = await startPosts(t, store);
    const caller = keyWith(
      read({ on: 'Post.title' }),
      read({
        on: 'Post.body',
        stages: ['PUBLISHED'],
        where: { createdAt_lt: '2999-01-01T00:00:00Z' },
      }),
      read({ on: 'Post.slug', locales: ['de'] }),
    );
    const answer = await ask(
      caller,
      'query ($r: [_Any!]!) { _entities(representations: $r) { __typename ... on Post { id title body slug stage } } }',
      {
        r: ['welcome', 'schloesser-wechseln'].map((slug) => ({
          __typename: 'Post',
          id: `post_${slug}`,
        })),
      },
    );
    t.strictSame(answer.data, {
      _entities: [
        {
          __typename: 'Post',
          id: 'post_welcome',
          title: 'Welcome to the castle',
          body: 'One gate, one set of keys, and behind the gate as many houses as you like to build.',
          slug: null,
          stage: null,
        },
        {
          __typename: 'Post',
          id: 'post_schloesser-wechseln',
          title: 'Die Schlösser wechseln',
          body: null,
          slug: 'schloesser-wechseln',
          stage: null,
        },
      ],
    });
    const missing = (coordinate: string) => ({ coordinate, missing: 'READ' });
    const refused = answer.errors?.map(({ path, extensions }) => [
      path?.slice(1).join('.'),
      extensions?.code,
      extensions?.authorization,
    ]);
    t.strictSame(refused?.toSorted(), [
      ['0.slug', 'FORBIDDEN', missing('Post.slug')],
      ['0.stage', 'FORBIDDEN', missing('Post.stage')],
      ['1.body', 'FORBIDDEN', missing('Post.body')],
      ['1.stage', 'FORBIDDEN', missing('Post.stage')],
    ]);
  },
);

onEachStore(
  'the posts of a person need a right to ask for them, beside one to the posts',
  async (t, store) => {
    const { ask } = await startPosts(t, store);
    const of = (id: string) =>
      `{ _entities(representations: [{ __typename: "User", id: "${id}" }]) { ... on User { posts { id } } } }`;
    const isGiven = async (caller: Caller, id = 'user_1') => {
      const answer = await ask(caller, of(id));
      const list = (answer.data as { readonly _entities: readonly [{ readonly posts: unknown }] })
        ._entities[0].posts;
      if (list !== null) return true;
      t.equal(codeOf(answer), caller.kind === 'anonymous' ? 'UNAUTHENTICATED' : 'FORBIDDEN');
      return false;
    };
    t.equal(await isGiven(keyWith(read())), false);
    t.equal(await isGiven(keyWith(person)), false);
    t.equal(await isGiven(publicWith(read())), false);
    t.equal(await isGiven(keyWith(read(), person)), true);
    t.equal(await isGiven(keyWith(read(), read({ on: 'User' }))), true);
    const one = keyWith(read(), read({ on: 'User', where: { id: 'user_1' } }));
    t.equal(await isGiven(one), true);
    t.equal(await isGiven(one, 'user_2'), false);
    t.equal(await isGiven(publicWith(read({ on: '*', stages: ['PUBLISHED'] }))), true);
  },
);

onEachStore("a request without a stage means the environment's default stage", async (t, store) => {
  const { ask } = await startPosts(t, store);
  const grants = [person, read({ stages: ['QA'] })];
  const query = `{
    posts { stage }
    nothing: posts(stage: null) { stage }
    people: _entities(representations: [{ __typename: "User", id: "user_1" }]) {
      ... on User { posts { stage } }
    }
  }`;
  const inQa = { ...keyWith(...grants), defaultStage: 'QA' };
  const qa = [{ stage: 'QA' }, { stage: 'QA' }];
  t.strictSame((await ask(inQa, query)).data, { posts: qa, nothing: qa, people: [{ posts: qa }] });
  t.equal(codeOf(await ask(keyWith(...grants), '{ posts { stage } }')), 'FORBIDDEN');
  const live = { ...member, defaultStage: 'LIVE' };
  t.equal(
    codeOf(await ask(live, '{ posts { stage } }')),
    'BAD_USER_INPUT',
    'which is one of posts',
  );
});

onEachStore(
  'the languages that a request means narrow lists, and grants still count',
  async (t, store) => {
    const { ask } = await startPosts(t, store);
    const locales = async (caller: object, query = '{ posts { locale } }') => {
      const answer = await ask({ ...member, ...caller }, query);
      const { posts } = (answer.data ?? {}) as { posts?: { locale: string }[] | null };
      return posts == null
        ? codeOf(answer)
        : [...new Set(posts.map(({ locale }) => locale))].sort();
    };
    t.strictSame(await locales({}), ['de', 'en']);
    t.strictSame(await locales({ locales: ['de'] }), ['de']);
    t.strictSame(await locales({ locales: ['de', 'en'] }), ['de', 'en']);
    t.strictSame(await locales({ locales: ['fr'] }), []);
    t.strictSame(await locales({ locales: ['de'] }, '{ posts(locale: "en") { locale } }'), ['en']);
    const english = keyWith(person, read({ locales: ['en'] }));
    t.strictSame(await locales({ ...english, locales: ['de', 'en'] }), ['en']);
    t.equal(await locales({ ...english, locales: ['de'] }), 'FORBIDDEN');
  },
);

onEachStore(
  'one post by its id is at the stage and in the language that are meant',
  async (t, store) => {
    const { ask } = await startPosts(t, store);
    const title = async (caller: object, argument = '') => {
      const answer = await ask(
        { ...member, ...caller },
        `{ post(id: "post_changing-the-locks"${argument}) { stage locale } }`,
      );
      return codeOf(answer) ?? answer.data?.post;
    };
    const inQa = { stage: 'QA', locale: 'en' };
    t.strictSame(await title({}), inQa, 'whoever is in no environment means any stage');
    t.strictSame(await title({ defaultStage: 'QA' }), inQa);
    t.equal(await title({ defaultStage: 'PUBLISHED' }), null);
    t.strictSame(await title({ defaultStage: 'PUBLISHED' }, ', stage: QA'), inQa);
    t.equal(await title({ defaultStage: 'QA' }, ', stage: DRAFT'), null);
    t.equal(await title({ defaultStage: 'QA', locales: ['de'] }), null);
    t.strictSame(await title({ defaultStage: 'QA', locales: ['de', 'en'] }), inQa);
    t.equal(await title({ defaultStage: 'LIVE' }), 'BAD_USER_INPUT');
    const drafts = keyWith(person, read({ stages: ['DRAFT'] }));
    t.equal(await title({ ...drafts, defaultStage: 'QA' }), 'FORBIDDEN');
  },
);
