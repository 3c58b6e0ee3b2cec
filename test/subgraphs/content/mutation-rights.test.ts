import { anonymousCaller, type Caller } from '#contract/caller.ts';
import { codeOf } from '../support/ask-subgraph.ts';
import { onEachStore } from '../support/stores.ts';
import {
  keyWith,
  member,
  publicWith,
  type RunningPosts,
  startPosts,
} from './support/running-content.ts';

/** Each mutation as one that touches a post; `inside` is in English, `outside` in German. */
const inside = 'post_changing-the-locks';
const outside = 'post_schloesser-wechseln';
const published = 'post_welcome';
const mutations = [
  {
    action: 'UPDATE',
    name: 'updatePost',
    of: (id: string) => `updatePost(id: "${id}", input: { title: "Other" })`,
  },
  { action: 'DELETE', name: 'deletePost', of: (id: string) => `deletePost(id: "${id}")` },
  { action: 'PUBLISH', name: 'publishPost', of: (id: string) => `publishPost(id: "${id}")` },
  { action: 'UNPUBLISH', name: 'unpublishPost', of: (id: string) => `unpublishPost(id: "${id}")` },
] as const;

const create = (locale: string, rest = '') =>
  `createPost(input: { title: "New", body: "b", slug: "new-${locale}", locale: "${locale}"${rest} })`;

const everything = { actions: ['READ'], on: '*' };

async function rowsOf({ tables }: RunningPosts) {
  return tables.selectFrom('content_post').selectAll().orderBy('id').execute();
}

const mutate = (posts: RunningPosts, caller: Caller, field: string) =>
  posts.ask(caller, `mutation { done: ${field} { id title } }`);

for (const { action, name, of } of mutations) {
  onEachStore(`${name} is for whoever has ${action} on that post`, async (t, store) => {
    const posts = await startPosts(t, store);
    const before = await rowsOf(posts);
    const refused = async (caller: Caller, id: string, code: string, what: string) => {
      const answer = await mutate(posts, caller, of(id));
      t.equal(codeOf(answer), code, what);
      t.strictSame(answer.data, { done: null }, what);
      if (code === 'FORBIDDEN') {
        t.match(answer.errors, [
          { extensions: { authorization: { coordinate: 'Post', missing: action } } },
        ]);
      }
      return answer;
    };
    const others = ['READ', 'CREATE', 'UPDATE', 'DELETE', 'PUBLISH', 'UNPUBLISH', 'MANAGE'].filter(
      (each) => each !== action,
    );
    const english = { actions: [action], locales: ['en'] };
    const named = { actions: [action], where: { id: inside } };

    for (const id of [inside, published, 'none']) {
      await refused(anonymousCaller, id, 'UNAUTHENTICATED', `nobody at ${id}`);
      await refused(publicWith(everything), id, 'UNAUTHENTICATED', `the public that reads ${id}`);
      await refused(keyWith(everything), id, 'FORBIDDEN', `READ alone at ${id}`);
      await refused(keyWith({ actions: others }), id, 'FORBIDDEN', `all but it at ${id}`);
    }
    for (const grant of [english, named]) {
      await refused(keyWith(everything, grant), outside, 'FORBIDDEN', 'a post that is seen');
      const unseen = await refused(keyWith(grant), outside, 'NOT_FOUND', 'one that is not');
      t.strictSame(await refused(keyWith(grant), 'none', 'NOT_FOUND', 'none'), unseen);
      const unread = keyWith(grant, { actions: ['READ'], locales: ['fr'] });
      t.strictSame(await refused(unread, outside, 'NOT_FOUND', 'one that is not read'), unseen);
    }
    const stranger = { ...member, organization: 'org_2' };
    const author = { ...stranger, subject: 'user_1' };
    for (const caller of [stranger, author, { ...member, organization: null }]) {
      await refused(caller, inside, 'NOT_FOUND', "another organization's post");
      await refused(caller, published, 'FORBIDDEN', "another organization's published post");
    }
    t.strictSame(await rowsOf(posts), before, 'nothing has changed');

    const allowed = keyWith(named);
    const done = await mutate(posts, allowed, of(inside));
    t.strictSame(
      done.data,
      { done: { id: inside, title: null } },
      'it is told no more than the id',
    );
    t.equal(codeOf(done), 'FORBIDDEN');
    const after = await rowsOf(posts);
    if (action !== 'UNPUBLISH') t.notSame(after, before);
    const rest = (rows: typeof after) => rows.filter(({ id }) => id !== inside);
    t.strictSame(rest(after), rest(before), 'nothing else has changed');
  });

  onEachStore(
    `${name} is done by people, the public and whoever reads as well`,
    async (t, store) => {
      const posts = await startPosts(t, store);
      const callers = [
        member,
        publicWith({ actions: [action, 'READ'] }),
        keyWith({ actions: [action] }, everything),
      ];
      for (const [index, caller] of callers.entries()) {
        const id = [inside, outside, published][index] ?? '';
        const answer = await mutate(posts, caller, of(id));
        t.equal(answer.errors, undefined);
        t.match(answer.data, { done: { id, title: /./ } });
      }
    },
  );
}

onEachStore('createPost is for whoever has CREATE on what the post is to be', async (t, store) => {
  const posts = await startPosts(t, store);
  const before = await rowsOf(posts);
  const attempts: readonly (readonly [Caller, string, string])[] = [
    [anonymousCaller, 'en', 'UNAUTHENTICATED'],
    [publicWith(everything), 'en', 'UNAUTHENTICATED'],
    [{ ...publicWith({ actions: ['CREATE'] }), organization: null }, 'en', 'UNAUTHENTICATED'],
    [keyWith(everything), 'en', 'FORBIDDEN'],
    [keyWith({ actions: ['UPDATE', 'DELETE', 'PUBLISH'] }), 'en', 'FORBIDDEN'],
    [keyWith({ actions: ['CREATE'], on: 'Post.title' }), 'en', 'FORBIDDEN'],
    [keyWith({ actions: ['CREATE'], locales: ['en'] }), 'de', 'FORBIDDEN'],
    [keyWith({ actions: ['CREATE'], stages: ['QA'] }), 'en', 'FORBIDDEN'],
    [keyWith({ actions: ['CREATE'], where: { authorId: 'user_2' } }), 'en', 'FORBIDDEN'],
    [keyWith({ actions: ['CREATE'], environments: ['staging'] }), 'en', 'FORBIDDEN'],
  ];
  for (const [caller, locale, code] of attempts) {
    const answer = await mutate(posts, caller, create(locale));
    t.equal(codeOf(answer), code, JSON.stringify(caller.permissions.grants));
    t.strictSame(answer.data, { done: null });
  }
  t.strictSame(await rowsOf(posts), before);

  const done = await mutate(posts, keyWith({ actions: ['CREATE'], locales: ['en'] }), create('en'));
  t.match(done.data, { done: { id: /^post_\w{22}$/, title: null } }, 'told no more than the id');
  const restricted = { actions: ['CREATE'], stages: ['QA'], where: { authorId: 'user_1' } };
  const checked = await mutate(posts, keyWith(restricted), create('de', ', stage: QA'));
  t.match(checked.data, { done: { id: /^post_/ } });
});

onEachStore('a post is moved neither out of what one may change nor into it', async (t, store) => {
  const posts = await startPosts(t, store);
  const before = await rowsOf(posts);
  const english = keyWith(everything, { actions: ['UPDATE'], locales: ['en'] });
  const drafts = keyWith(everything, { actions: ['UPDATE'], stages: ['DRAFT'] });
  const own = keyWith(everything, { actions: ['UPDATE'], where: { slug_starts_with: 'changing' } });
  const attempts: readonly (readonly [Caller, string, string])[] = [
    [english, inside, 'locale: "fr"'],
    [english, outside, 'locale: "en"'],
    [drafts, 'post_the-secret-passage', 'stage: QA'],
    [drafts, inside, 'stage: DRAFT'],
    [own, inside, 'slug: "other"'],
    [own, outside, 'slug: "changing-it-to-mine"'],
  ];
  for (const [caller, id, input] of attempts) {
    const answer = await mutate(posts, caller, `updatePost(id: "${id}", input: { ${input} })`);
    t.equal(codeOf(answer), 'FORBIDDEN', input);
  }
  t.strictSame(await rowsOf(posts), before);
  const within = `updatePost(id: "${inside}", input: { slug: "changing-all-locks", title: "T" })`;
  t.match((await mutate(posts, own, within)).data, { done: { title: 'T' } });
});

onEachStore('a right to change one field changes no other', async (t, store) => {
  const posts = await startPosts(t, store);
  const titles = keyWith(everything, { actions: ['UPDATE'], on: 'Post.title', locales: ['en'] });
  const update = (id: string, input: string) =>
    mutate(posts, titles, `updatePost(id: "${id}", input: { ${input} })`);
  t.match((await update(inside, 'title: "T"')).data, { done: { title: 'T' } });
  for (const input of ['body: "b"', 'title: "U", body: "b"']) {
    const answer = await update(inside, input);
    t.match(answer.errors, [
      { extensions: { authorization: { coordinate: 'Post.body', missing: 'UPDATE' } } },
    ]);
  }
  t.equal(codeOf(await update(outside, 'title: "T"')), 'FORBIDDEN');
  const [row] = (await rowsOf(posts)).filter(({ id }) => id === inside);
  t.match(row, { title: 'T', body: /^Make the new key/ });
  // Not in one step either: what may be changed of it is seen on the post as it was.
  const slugs = keyWith(
    { actions: ['UPDATE'], on: 'Post.slug' },
    { actions: ['UPDATE'], on: 'Post.title', where: { slug_starts_with: 'mine' } },
  );
  const both = `updatePost(id: "${outside}", input: { slug: "mine-now", title: "T" })`;
  t.match((await mutate(posts, slugs, both)).errors, [
    { extensions: { authorization: { coordinate: 'Post.title', missing: 'UPDATE' } } },
  ]);
});
