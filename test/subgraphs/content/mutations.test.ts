import { codeOf } from '../support/ask-subgraph.ts';
import { onEachStore } from '../support/stores.ts';
import { keyWith, member, publicWith, startPosts } from './support/running-content.ts';

const fields = 'id title body slug stage locale createdAt publishedAt author { id }';

onEachStore('a post is written, changed, published, unpublished and deleted', async (t, store) => {
  const { ask, now, tables } = await startPosts(t, store);
  const run = async (mutation: string, variables: Record<string, unknown>) => {
    const answer = await ask(member, mutation, variables);
    t.equal(answer.errors, undefined);
    return answer.data?.post;
  };
  const written = { title: ' The moat ', body: 'Deep.\n\tVery.', slug: 'the-moat', locale: 'en' };
  const create = `mutation ($input: CreatePostInput!) { post: createPost(input: $input) { ${fields} } }`;
  const created = await run(create, { input: written });
  const { id } = created as { readonly id: string };
  const expected = {
    ...written,
    id,
    title: 'The moat',
    stage: 'DRAFT',
    createdAt: new Date(now()).toISOString(),
    publishedAt: null,
    author: { id: 'user_1' },
  };
  t.strictSame(created, expected);

  const update = `mutation ($id: ID!, $input: UpdatePostInput!) { post: updatePost(id: $id, input: $input) { ${fields} } }`;
  const changes = { title: 'Moat', slug: 'moat', locale: 'en-GB', stage: 'QA' };
  const updated = { ...expected, ...changes };
  t.strictSame(await run(update, { id, input: changes }), updated);

  const found = async () => (await ask(member, `{ post(id: "${id}") { ${fields} } }`)).data?.post;
  t.strictSame(await found(), updated);

  const step = (name: string) => `mutation ($id: ID!) { post: ${name}(id: $id) { ${fields} } }`;
  const published = { ...updated, stage: 'PUBLISHED', publishedAt: expected.createdAt };
  t.strictSame(await run(step('publishPost'), { id }), published);
  t.strictSame(await run(step('publishPost'), { id }), published, 'twice is once');
  t.strictSame(await found(), published);

  const withdrawn = { ...updated, stage: 'DRAFT', publishedAt: null };
  t.strictSame(await run(step('unpublishPost'), { id }), withdrawn);
  t.strictSame(await run(step('unpublishPost'), { id }), withdrawn);
  t.strictSame(await found(), withdrawn);

  t.strictSame(await run(step('deletePost'), { id }), withdrawn, 'as it was');
  t.equal(await found(), null);
  t.equal(codeOf(await ask(member, step('deletePost'), { id })), 'NOT_FOUND');
  t.strictSame(
    await tables.selectFrom('content_post').select('id').where('id', '=', id).execute(),
    [],
  );
});

onEachStore('a slug is taken once in a language', async (t, store) => {
  const { ask } = await startPosts(t, store);
  const create = (slug: string, locale: string) =>
    ask(
      member,
      `mutation { createPost(input: { title: "T", body: "", slug: "${slug}", locale: "${locale}" }) { id } }`,
    );
  const taken = await create('welcome', 'en');
  t.equal(codeOf(taken), 'NAME_TAKEN');
  t.match(taken.errors, [{ extensions: { argument: 'input.slug' } }]);
  t.equal((await create('welcome', 'de')).errors, undefined);
  const move = (input: string) =>
    ask(member, `mutation { updatePost(id: "post_keys-and-gates", input: { ${input} }) { id } }`);
  t.equal(codeOf(await move('slug: "welcome"')), 'NAME_TAKEN');
  t.equal(codeOf(await move('slug: "willkommen", locale: "de"')), 'NAME_TAKEN');
  t.equal((await move('slug: "keys-and-gates"')).errors, undefined, 'its own');
  // The store goes on after a write that it refused.
  const many = await Promise.all(Array.from({ length: 8 }, () => create('one-of-many', 'en')));
  t.equal(many.filter(({ errors }) => errors === undefined).length, 1);
  t.ok(many.every((each) => each.errors === undefined || codeOf(each) === 'NAME_TAKEN'));
});

onEachStore('what does not fit is refused with its place', async (t, store) => {
  const { ask, tables } = await startPosts(t, store);
  const rows = () => tables.selectFrom('content_post').selectAll().orderBy('id').execute();
  const before = await rows();
  const fine = { title: 'T', body: 'b', slug: 's', locale: 'en' };
  const misfits: readonly (readonly [field: string, values: readonly string[]])[] = [
    ['title', ['', '  ', 'a\nb', 'a\u0007', '\u202eevil', '\ud800', 'x'.repeat(201)]],
    ['body', ['a\u0007', 'a\u001b[31m', '\udfff', 'x'.repeat(50_001)]],
    ['slug', ['', 'A', 'a b', '-a', 'a-', 'a--b', 'ä', '../x', 'x'.repeat(101)]],
    ['locale', ['', 'e', 'en us', 'en-', '12', '*', 'x'.repeat(36)]],
    ['stage', ['PUBLISHED']],
  ];
  const create = 'mutation ($input: CreatePostInput!) { createPost(input: $input) { id } }';
  const update =
    'mutation ($input: UpdatePostInput!) { updatePost(id: "post_the-secret-passage", input: $input) { id } }';
  for (const [field, values] of misfits) {
    for (const value of values) {
      for (const [mutation, input] of [
        [create, { ...fine, [field]: value }],
        [update, { [field]: value }],
      ] as const) {
        const answer = await ask(member, mutation, { input });
        t.equal(codeOf(answer), 'BAD_USER_INPUT', JSON.stringify(input).slice(0, 99));
        t.match(answer.errors, [{ extensions: { argument: `input.${field}` } }]);
      }
    }
  }
  t.equal(codeOf(await ask(member, update, { input: {} })), 'BAD_USER_INPUT');
  for (const field of ['title', 'body', 'slug', 'locale', 'stage']) {
    t.equal(codeOf(await ask(member, update, { input: { [field]: null } })), 'BAD_USER_INPUT');
  }
  const published = 'mutation { updatePost(id: "post_welcome", input: { stage: DRAFT }) { id } }';
  t.equal(codeOf(await ask(member, published)), 'BAD_USER_INPUT', 'that is to unpublish it');
  t.strictSame(await rows(), before);

  const largest = {
    title: '\u{1f3f0}'.repeat(200),
    body: '\u{1f3f0}'.repeat(50_000),
    slug: 'x'.repeat(100),
    locale: 'en',
  };
  t.equal((await ask(member, create, { input: largest })).errors, undefined);
});

onEachStore('a post is of its writer and their organization', async (t, store) => {
  const { ask, tables } = await startPosts(t, store);
  const account = { ...member, subject: 'account_1' };
  const visitor = publicWith({ actions: ['CREATE', 'READ'] });
  const loner = { ...member, subject: 'user_9', organization: null };
  for (const [index, caller] of [account, visitor, loner].entries()) {
    const answer = await ask(
      caller,
      `mutation { createPost(input: { title: "T", body: "", slug: "p${index}", locale: "en" }) { id author { id } } }`,
    );
    t.equal(answer.errors, undefined);
  }
  const rows = await tables
    .selectFrom('content_post')
    .select(['author_id', 'organization_id'])
    .where('slug', 'in', ['p0', 'p1', 'p2'])
    .orderBy('slug')
    .execute();
  t.same(rows, [
    { author_id: 'account_1', organization_id: 'org_1' },
    { author_id: null, organization_id: 'org_1' },
    { author_id: 'user_9', organization_id: null },
  ]);
  const drafts = async (caller: typeof member) => {
    const { data } = await ask(caller, '{ posts(stage: DRAFT, first: 100) { slug } }');
    return (data as { readonly posts: readonly { readonly slug: string }[] }).posts
      .map(({ slug }) => slug)
      .filter((slug) => /^p\d$/.test(slug))
      .sort()
      .join();
  };
  t.equal(await drafts(member), 'p0,p1', 'whoever wrote it');
  t.equal(await drafts(loner), 'p2');
  t.equal(await drafts({ ...loner, subject: 'user_8' }), '');
  t.equal(await drafts({ ...loner, organization: 'org_2' }), 'p2');
  t.equal(await drafts({ ...member, organization: 'org_2' }), '');
});

onEachStore('two who publish and delete at once leave no half of either', async (t, store) => {
  const { ask, tables } = await startPosts(t, store);
  const step = (name: string) =>
    ask(member, `mutation { ${name}(id: "post_changing-the-locks") { id stage } }`);
  const [published, deleted] = await Promise.all([step('publishPost'), step('deletePost')]);
  t.equal(deleted?.errors, undefined);
  t.ok(published?.errors === undefined || codeOf(published) === 'NOT_FOUND');
  const left = await tables
    .selectFrom('content_post')
    .select('id')
    .where('id', '=', 'post_changing-the-locks')
    .execute();
  t.strictSame(left, []);
});

onEachStore('what a writer may not read of their post is not in the answer', async (t, store) => {
  const { ask } = await startPosts(t, store);
  const caller = keyWith({ actions: ['CREATE'] }, { actions: ['READ'], on: 'Post.slug' });
  const answer = await ask(
    caller,
    'mutation { post: createPost(input: { title: "T", body: "", slug: "s", locale: "en" }) { id slug title } }',
  );
  t.match(answer.data, { post: { id: /^post_/, slug: 's', title: null } });
  t.match(answer.errors, [{ path: ['post', 'title'], extensions: { code: 'FORBIDDEN' } }]);
});
