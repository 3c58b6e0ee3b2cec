import { anonymousCaller, type Caller } from '#contract/caller.ts';
import { type Company, startCompany } from '../../support/company.ts';
import { manyKeys } from '../../support/running-identity.ts';
import { onEachStore } from '../../support/stores.ts';
import { CREATE, callerOf, ROTATE, UPDATE } from '../keys/support.ts';
import { DEFINE, manyGrants, REMOVE, readPosts, writePosts } from './support.ts';

const readEach = { actions: ['READ'], on: '*' };

/** What is asked of the company's scopes by its owner, or somebody else. */
function ask({ organizationId, people, code }: Company) {
  return {
    define: (name: string, grants: readonly unknown[], caller: Caller = people.owner.caller) =>
      code(caller, DEFINE, { organizationId, name, grants }),
    remove: (name: string) => code(people.owner.caller, REMOVE, { organizationId, name }),
  };
}

onEachStore('a key may do what its organization says its scopes stand for', async (t, store) => {
  const company = await startCompany(t, store);
  const { identity, people, stranger } = company;
  const { define, remove } = ask(company);
  const { key, caller } = await identity.createKey(people.owner.caller, { scopes: ['posts'] });
  t.match(caller.permissions, { scopes: ['posts'], grants: [] }, 'nobody defined it');
  const foreign = await identity.createKey(stranger.caller, { scopes: ['posts'] });

  t.equal(await define('posts', [readPosts]), 'OK');
  t.match((await callerOf(identity, key))?.permissions, { scopes: ['posts'], grants: [readPosts] });
  t.equal((await callerOf(identity, key))?.permissions.grants.length, 1);
  t.strictSame((await callerOf(identity, foreign.key))?.permissions.grants, [], 'elsewhere');

  t.equal(await define('posts', [{ ...readPosts, on: 'Comment' }]), 'OK');
  t.match((await callerOf(identity, key))?.permissions.grants, [{ on: 'Comment' }]);
  t.equal(await remove('posts'), 'OK');
  t.strictSame((await callerOf(identity, key))?.permissions, { scopes: ['posts'], grants: [] });
  t.equal(await remove('posts'), 'NOT_FOUND');
});

onEachStore('a change of a scope is told to gateways before it is answered', async (t, store) => {
  const company = await startCompany(t, store);
  const { identity, organizationId } = company;
  const { define, remove } = ask(company);
  const told: string[] = [];
  t.teardown(identity.identity.subscribe(({ touches, id }) => told.push(`${touches}:${id}`)));
  for (const change of [
    () => define('posts', []),
    () => define('posts', [readPosts]),
    () => remove('posts'),
  ]) {
    t.equal(await change(), 'OK');
    t.strictSame(told.splice(0), [`organization:${organizationId}`]);
  }
  t.equal(await define('posts', [{ actions: ['READ'], on: 'a b' }]), 'BAD_USER_INPUT');
  t.strictSame(told, []);
});

onEachStore('a scope has a name that a key can carry, and is not built in', async (t, store) => {
  const company = await startCompany(t, store);
  const { define } = ask(company);
  for (const name of [
    'read:all',
    'admin',
    'app:access',
    '',
    'Posts',
    'a b',
    'a"',
    'a'.repeat(65),
  ]) {
    t.equal(await define(name, []), 'BAD_USER_INPUT', name);
  }
  await company.identity.tables
    .insertInto('organization_scope')
    .values(
      Array.from({ length: 100 }, (_, n) => ({
        organization_id: company.organizationId,
        name: `scope${n}`,
        grants: '[]',
        updated_at: 0,
      })),
    )
    .execute();
  t.equal(await define('one-more', []), 'LIMIT_REACHED');
  t.equal(await define('scope7', [readPosts]), 'OK', 'one that is there can be changed');
});

onEachStore('nobody gives a scope what they do not have themselves', async (t, store) => {
  const company = await startCompany(t, store);
  const { identity, people } = company;
  const { define } = ask(company);
  t.equal(await define('posts', [readPosts]), 'OK');
  const scopes = ['read:all', 'admin', 'posts'];
  const key = await identity.createKey(people.owner.caller, { scopes });
  t.equal(await define('posts', [readPosts, writePosts], key.caller), 'FORBIDDEN');
  t.equal(await define('other', [writePosts], key.caller), 'FORBIDDEN');
  t.equal(await define('other', [readEach], key.caller), 'OK');
  t.match((await callerOf(identity, key.key))?.permissions.scopes, scopes);
});

onEachStore('what a scope stands for is bounded by the role of the owner', async (t, store) => {
  const company = await startCompany(t, store);
  const { identity, people, code } = company;
  const { define } = ask(company);
  const reader = people['read-only'].caller;
  const made = await identity.createKey(reader, { scopes: ['posts'] });
  t.equal(await define('posts', [readPosts, writePosts]), 'OK');
  t.match((await callerOf(identity, made.key))?.permissions, { scopes: [], grants: [readPosts] });
  const input = { name: 'a', scopes: ['posts'] };
  t.equal(await code(reader, CREATE, { input }), 'FORBIDDEN');
  t.equal(await code(people.member.caller, CREATE, { input }), 'OK');
});

onEachStore('a key passes on the scopes that it carries and no others', async (t, store) => {
  const company = await startCompany(t, store);
  const { identity, people, code } = company;
  const { define } = ask(company);
  t.equal(await define('posts', [readPosts]), 'OK');
  t.equal(await define('comments', [{ ...readPosts, on: 'Comment' }]), 'OK');
  const scopes = ['admin', 'posts'];
  const grants = [{ ...readPosts, on: 'Comment' }];
  const maker = await identity.createKey(people.owner.caller, { scopes, grants });
  const create = (input: Record<string, unknown>) =>
    code(maker.caller, CREATE, { input: { name: 'a', ...input } });
  t.equal(await create({ scopes: ['posts'] }), 'OK');
  t.equal(await create({ grants }), 'OK', 'what it has by grants, as grants');
  t.equal(await create({ scopes: ['comments'] }), 'FORBIDDEN', 'which may stand for more later');
  const swap = { id: maker.id, input: { scopes: ['admin', 'posts', 'comments'] } };
  t.equal(await code(maker.caller, UPDATE, swap), 'FORBIDDEN');
  t.equal(await code(maker.caller, ROTATE, { id: maker.id }), 'OK');
});

onEachStore('what a scope stands for no longer is taken from made keys too', async (t, store) => {
  const company = await startCompany(t, store);
  const { identity, people, code } = company;
  const { define, remove } = ask(company);
  t.equal(await define('posts', [readPosts, writePosts]), 'OK');
  const maker = await identity.createKey(people.owner.caller, { scopes: ['admin', 'posts'] });
  const byName = await identity.createKey(maker.caller, { scopes: ['posts'] });
  const byGrants = await identity.createKey(maker.caller, { grants: [writePosts] });
  const grantsOf = async ({ key }: { readonly key: string }) =>
    (await callerOf(identity, key))?.permissions.grants;
  t.equal(await define('posts', [readPosts]), 'OK');
  t.match(await grantsOf(byName), [readPosts]);
  t.strictSame(await grantsOf(byGrants), []);
  t.equal(await define('posts', [readPosts, writePosts]), 'OK');
  t.match(await grantsOf(byName), [{ on: 'Post' }], 'by name it comes back');
  t.strictSame(await grantsOf(byGrants), [], 'and what was taken does not');

  const input = { scopes: ['admin'], grants: [writePosts] };
  t.equal(await code(people.owner.caller, UPDATE, { id: maker.id, input }), 'OK');
  t.match((await callerOf(identity, byName.key))?.permissions, {
    scopes: [],
    grants: [writePosts],
  });
  t.equal(await remove('posts'), 'OK');
  t.match(await grantsOf(byName), [writePosts], 'it has it as a grant now');
});

onEachStore('the type of a key follows from what its scopes stand for', async (t, store) => {
  const company = await startCompany(t, store);
  const { identity, people, get } = company;
  const { define, remove } = ask(company);
  const scopes = ['read:all', 'posts'];
  const { id } = await identity.createKey(people.owner.caller, { scopes });
  const typeOf = async () =>
    (await get(people.owner.caller, 'query ($id: ID!) { apiKey(id: $id) { type } }', { id })).apiKey
      .type;
  t.equal(await typeOf(), 'READ_ONLY');
  t.equal(await define('posts', [writePosts]), 'OK');
  t.equal(await typeOf(), 'SCOPED');
  t.equal(await remove('posts'), 'OK');
  t.equal(await typeOf(), 'READ_ONLY');
});

onEachStore(
  'scopes that no key could be told are refused when they are written',
  async (t, store) => {
    const company = await startCompany(t, store, { settings: manyKeys });
    const { identity, people, code } = company;
    const { define } = ask(company);
    const scopes = ['one', 'two', 'three'];
    const made = await identity.createKey(people.owner.caller, { scopes });
    const grants = (name: string) => manyGrants(90, name);
    t.equal(await define('one', grants('A')), 'OK');
    t.equal(await define('two', grants('B')), 'OK');
    t.equal(await define('three', grants('C')), 'PERMISSIONS_TOO_COMPLEX');
    t.equal(await define('four', grants('C')), 'OK', 'nobody carries it');
    const input = { name: 'a', scopes: ['one', 'two', 'four'] };
    t.equal(await code(people.owner.caller, CREATE, { input }), 'PERMISSIONS_TOO_COMPLEX');
    t.equal((await callerOf(identity, made.key))?.permissions.grants.length, 180);

    // Somebody writes past identity: whoever cannot be told their rights has none.
    await identity.tables
      .updateTable('api_key')
      .set({ scopes: 'four one two' })
      .where('id', '=', made.id)
      .execute();
    t.strictSame((await callerOf(identity, made.key))?.permissions, { scopes: [], grants: [] });
  },
);

onEachStore('scopes are read by those in the organization', async (t, store) => {
  const company = await startCompany(t, store);
  const { identity, people, stranger, organizationId, code, get } = company;
  t.equal(await ask(company).define('posts', [readPosts]), 'OK');
  const query =
    'query ($id: ID!) { organization(id: $id) { scopes { name grants { on } updatedAt } } }';
  const key = (await identity.createKey(people.member.caller, { permissions: ['READ'] })).caller;
  for (const caller of [people['read-only'].caller, key]) {
    const { organization } = await get(caller, query, { id: organizationId });
    t.match(organization.scopes, [{ name: 'posts', grants: [{ on: 'Post' }] }]);
  }
  t.equal(await code(stranger.caller, query, { id: organizationId }), 'NOT_FOUND');
  t.equal(await code(anonymousCaller, query, { id: organizationId }), 'UNAUTHENTICATED');
  const blind = (await identity.createKey(people.member.caller, { permissions: ['ADMIN'] })).caller;
  t.equal(await code(blind, query, { id: organizationId }), 'FORBIDDEN');
});

onEachStore(
  'a key whose rights come to too much has none, and identity is there',
  async (t, store) => {
    const { identity, people, organizationId } = await startCompany(t, store);
    const names = ['one', 'two', 'three'];
    for (const name of names) {
      await identity.tables
        .insertInto('organization_scope')
        .values({
          organization_id: organizationId,
          name,
          grants: JSON.stringify(manyGrants(100, name)),
          updated_at: 0,
        })
        .execute();
    }
    const switchTo = 'mutation ($id: ID!) { switchOrganization(id: $id) { id } }';
    await identity.ask(people.owner.caller, switchTo, { id: organizationId });
    const { key, id } = await identity.createKey(people.owner.caller);
    // Whoever writes past identity is held up by nothing.
    await identity.tables
      .updateTable('api_key')
      .set({ scopes: names.join(' ') })
      .where('id', '=', id)
      .execute();
    t.match(await callerOf(identity, key), {
      credentialId: id,
      permissions: { scopes: [], grants: [] },
    });
  },
);
