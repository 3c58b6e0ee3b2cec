import path from 'node:path';
import t from 'tap';
import { ask, bearer } from '#test/support/client.ts';
import { startWhole } from '#test/support/running-castellan.ts';

const { url, facts } = await startWhole(t, {
  url: undefined,
  file: path.join(t.testdir(), 'castellan.db'),
});
const owners = facts.get('API key') ?? '';

/** A key of the owner's with these grants alone. */
async function keyWith(...grants: readonly unknown[]): Promise<string> {
  const answer = await ask(
    url,
    'mutation ($input: CreateAPIKeyInput!) { createAPIKey(input: $input) { key } }',
    { ...bearer(owners), variables: { input: { name: 'scoped', grants } } },
  );
  const { createAPIKey } = answer.data as { createAPIKey: { key: string } };
  return createAPIKey.key;
}

const introspection = '{ __schema { types { name fields { name } } } }';

/** The fields that a key is shown, as `Type.field`, those of introspection left out. */
async function shownTo(key: string): Promise<readonly string[]> {
  const answer = await ask(url, introspection, bearer(key));
  const { __schema } = answer.data as {
    __schema: { types: { name: string; fields: { name: string }[] | null }[] };
  };
  return __schema.types
    .filter(({ name }) => !name.startsWith('__'))
    .flatMap(({ name, fields }) => (fields ?? []).map((field) => `${name}.${field.name}`))
    .sort();
}

t.test('a key for one field of people and the way to them', async (t) => {
  const key = await keyWith(
    { actions: ['READ'], on: 'Query.viewer' },
    { actions: ['READ'], on: 'User.email' },
  );
  const mail = await ask(url, '{ viewer { email } }', bearer(key));
  t.same(mail.data, { viewer: { email: 'owner@castellan.localhost' } });
  const answer = await ask(url, '{ viewer { email name } }', bearer(key));
  t.same(answer.data, { viewer: null }, 'a name is never null');
  t.match(answer.errors, [
    {
      path: ['viewer', 'name'],
      extensions: {
        code: 'FORBIDDEN',
        authorization: { coordinate: 'User.name', missing: 'READ' },
      },
    },
  ]);
  t.equal(answer.errors?.length, 1);
  const shown = await shownTo(key);
  t.ok(shown.includes('User.email'));
  t.notOk(shown.some((each) => each.startsWith('Mutation') || each.startsWith('Post')));
  t.same((await ask(url, '{ posts { title } }', bearer(key))).data, { posts: null });
});

t.test('a key for one field of posts', async (t) => {
  const key = await keyWith({ actions: ['READ'], on: 'Post.title' });
  t.same(await shownTo(key), ['Post.title', 'Query.post', 'Query.posts']);
  const answer = await ask(url, '{ posts { title body } }', bearer(key));
  t.match(answer.data, { posts: [{ title: String, body: null }] });
  t.match(answer.errors, [{ path: ['posts', 0, 'body'], extensions: { code: 'FORBIDDEN' } }]);
  const titles = await ask(url, '{ posts { title } }', bearer(key));
  t.match(titles.data, { posts: [{ title: String }] });
});

t.test('a key for one mutation does that one and no other', async (t) => {
  const key = await keyWith({ actions: ['CREATE'], on: 'Mutation.createPost' });
  const input = '{ title: "A gate", body: "It opens.", slug: "a-gate", locale: "en" }';
  const made = await ask(url, `mutation { createPost(input: ${input}) { id } }`, bearer(key));
  t.equal(made.errors, undefined);
  t.match(made.data, { createPost: { id: String } });
  const other = await ask(url, 'mutation { endAllSessions }', bearer(key));
  t.match(other.errors, [
    { extensions: { code: 'FORBIDDEN', authorization: { missing: 'MANAGE' } } },
  ]);
});
