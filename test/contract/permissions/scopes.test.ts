import t from 'tap';
import { allows } from '#contract/permissions/allows.ts';
import { intersect } from '#contract/permissions/intersect.ts';
import { isWithin } from '#contract/permissions/is-within.ts';
import { keyTypeOf } from '#contract/permissions/key-type.ts';
import { encodeGrants } from '#contract/permissions/make-grant.ts';
import { readGrants } from '#contract/permissions/read-grants.ts';
import { restrictToEnvironment } from '#contract/permissions/restrict-to-environment.ts';
import { allPermissions, noPermissions, permissionsOf } from '#contract/permissions/scope.ts';

const withGrants = (...written: object[]) => permissionsOf([], undefined, readGrants(written));
const custom = new Map([
  ['editor', readGrants([{ actions: ['READ', 'UPDATE'], on: 'Post' }])],
  ['preview', readGrants([{ actions: ['READ'], on: 'Post', environments: ['staging'] }])],
  ['admin', readGrants([{ actions: ['READ'], on: 'Post' }])],
]);

t.test('a scope stands for its grants', async (t) => {
  t.equal(
    encodeGrants(permissionsOf(['read:all', 'write:all', 'admin']).grants),
    '[{"actions":["READ","CREATE","UPDATE","DELETE","PUBLISH","UNPUBLISH","MANAGE"],"on":"*"}]',
  );
  const editor = permissionsOf(['editor'], custom);
  t.ok(allows(editor, 'UPDATE', { type: 'Post' }));
  t.notOk(allows(editor, 'UPDATE', { type: 'User' }));
  t.strictSame(permissionsOf(['editor', 'editor']).scopes, ['editor']);
  t.strictSame(permissionsOf(['editor']).grants, [], 'an unknown one grants nothing');
});

t.test('app:access is a name that grants no data', async (t) => {
  const app = permissionsOf(['app:access']);
  t.strictSame(app, { scopes: ['app:access'], grants: [] });
  t.ok(allPermissions.scopes.includes('app:access'));
});

t.test('a team cannot redefine a built-in scope', async (t) => {
  t.strictSame(permissionsOf(['admin'], custom).grants, permissionsOf(['admin']).grants);
  t.strictSame(permissionsOf(['toString', '__proto__']).grants, []);
});

t.test('a text with a blank in it is no scope: it would become two', async (t) => {
  for (const name of ['app admin', '', 'a\n', 'a"b', 'a\\b', 'é']) {
    t.throws(
      () => permissionsOf(['read:all', name]),
      { code: 'BAD_USER_INPUT', extensions: { argument: 'scopes[1]' } },
      JSON.stringify(name),
    );
  }
});

t.test('what a wider grant allows anyway is not kept beside it', async (t) => {
  const rights = permissionsOf(
    ['read:all'],
    undefined,
    readGrants([
      { actions: ['READ', 'UPDATE'], on: 'Post', where: { id: '1' } },
      { actions: ['UPDATE'], on: 'subgraph:content' },
      { actions: ['UPDATE'], on: 'Post.title', within: 'content' },
      { actions: ['READ'], on: 'User' },
    ]),
  );
  t.equal(
    encodeGrants(rights.grants),
    '[{"actions":["READ"],"on":"*"},{"actions":["UPDATE"],"on":"Post","where":{"id":"1"}},' +
      '{"actions":["UPDATE"],"on":"subgraph:content"}]',
  );
});

t.test('a scope survives an intersection when its grants do', async (t) => {
  const owner = permissionsOf(['read:all', 'app:access'], custom);
  const scopesOf = (...scopes: string[]) =>
    intersect(permissionsOf(scopes, custom), owner, custom).scopes;
  t.strictSame(scopesOf('read:all', 'write:all', 'admin'), ['read:all']);
  t.strictSame(scopesOf('app:access'), ['app:access']);
  t.strictSame(scopesOf('unknown', 'editor'), [], 'UPDATE is not the owner’s');
  const role = withGrants({ actions: ['READ', 'UPDATE'], on: '*' });
  const both = (scope: string) => intersect(permissionsOf([scope], custom), role, custom).scopes;
  t.strictSame(both('read:all'), ['read:all'], 'the owner has its grants without its name');
  t.strictSame(both('editor'), ['editor']);
  t.strictSame(both('write:all'), [], 'a part of it is not it');
  t.strictSame(both('app:access'), [], 'a bare name has to be in both');
  const narrow = withGrants({ actions: ['READ'], on: '*', where: { id: '1' } });
  t.strictSame(intersect(permissionsOf(['read:all']), narrow).scopes, []);
});

const crossings: readonly (readonly [object, object, string])[] = [
  [{ on: '*' }, { on: 'Post' }, '[{"actions":["READ"],"on":"Post"}]'],
  [{ on: 'Post' }, { on: 'Post.title' }, '[{"actions":["READ"],"on":"Post.title"}]'],
  [{ on: 'Post.body' }, { on: 'Post.title' }, '[]'],
  [{ on: 'User' }, { on: 'Post' }, '[]'],
  [{ on: 'subgraph:cms' }, { on: 'Post' }, '[{"actions":["READ"],"on":"Post","within":"cms"}]'],
  [{ on: 'subgraph:cms' }, { on: 'subgraph:content' }, '[]'],
  [{ on: 'Post', within: 'cms' }, { on: 'subgraph:content' }, '[]'],
  [
    { on: '*', stages: ['A', 'B'] },
    { on: '*', stages: ['B', 'C'] },
    '[{"actions":["READ"],"on":"*","stages":["B"]}]',
  ],
  [{ on: '*', stages: ['A'] }, { on: '*', stages: ['B'] }, '[]'],
  [
    { on: '*', environments: ['a'] },
    { on: '*', locales: ['en'] },
    '[{"actions":["READ"],"on":"*","environments":["a"],"locales":["en"]}]',
  ],
  [
    { on: '*', where: { a: 1 } },
    { on: '*', where: { b: 2 } },
    '[{"actions":["READ"],"on":"*","where":{"a":1,"b":2}}]',
  ],
  [{ on: '*', where: { a: 1 } }, { on: '*', where: { a: 2 } }, '[]'],
  [
    { on: '*', where: { a_in: [1, 2] } },
    { on: '*', where: { a_lt: 2 } },
    '[{"actions":["READ"],"on":"*","where":{"a_in":[1,2],"a_lt":2}}]',
  ],
];
for (const [one, other, expected] of crossings) {
  t.test(
    `${JSON.stringify(one)} and ${JSON.stringify(other)} have ${expected} in common`,
    async (t) => {
      const a = withGrants({ actions: ['READ'], ...one });
      const b = withGrants({ actions: ['READ'], ...other });
      t.equal(encodeGrants(intersect(a, b).grants), expected);
    },
  );
}

t.test('a key is within its maker when it asks for no more', async (t) => {
  const maker = withGrants(
    { actions: ['READ', 'UPDATE'], on: 'Post', stages: ['DRAFT', 'QA'], where: { team: 'red' } },
    { actions: ['READ'], on: 'User' },
  );
  const may = (...written: object[]) => isWithin(withGrants(...written), maker);
  const draft = { on: 'Post', stages: ['DRAFT'], where: { team: 'red', id: '1' } };
  t.ok(may({ actions: ['READ', 'UPDATE'], ...draft }));
  t.ok(may({ actions: ['READ'], on: 'User.name', environments: ['staging'] }));
  t.notOk(may({ actions: ['READ', 'DELETE'], ...draft }), 'another action');
  t.notOk(may({ actions: ['READ'], ...draft, stages: ['PUBLISHED'] }), 'another stage');
  t.notOk(may({ actions: ['READ'], on: 'Post', where: { team: 'red' } }), 'all stages');
  t.notOk(may({ actions: ['READ'], on: 'Post', stages: ['QA'] }), 'all records');
  t.notOk(may({ actions: ['READ'], on: '*' }), 'everything');
  t.notOk(isWithin(permissionsOf(['read:all']), maker), 'by the name of a scope');
  t.notOk(isWithin(permissionsOf(['app:access']), maker), 'a bare name');
  t.notOk(isWithin(permissionsOf(['editor']), allPermissions), 'a name that nobody knows');
  t.ok(isWithin(permissionsOf(['editor'], custom), allPermissions, custom));
  t.ok(isWithin(allPermissions, allPermissions));
  t.notOk(isWithin(allPermissions, permissionsOf(['read:all', 'write:all', 'app:access'])));
});

t.test(
  'an environment goes by its name or its id, and keeps the scopes that are whole in it',
  async (t) => {
    const rights = permissionsOf(
      ['read:all', 'preview', 'app:access'],
      custom,
      readGrants([
        { actions: ['UPDATE'], on: 'Post', environments: ['production', 'env_1'] },
        { actions: ['DELETE'], on: 'Post', environments: ['env_2'] },
      ]),
    );
    const staging = restrictToEnvironment(rights, { id: 'env_1', name: 'staging' }, custom);
    t.strictSame(staging.scopes, ['read:all', 'preview', 'app:access']);
    t.equal(
      encodeGrants(staging.grants),
      '[{"actions":["READ"],"on":"*"},{"actions":["UPDATE"],"on":"Post","environments":["env_1"]}]',
    );
    const elsewhere = restrictToEnvironment(rights, { id: 'env_3', name: 'qa' }, custom);
    t.strictSame(elsewhere, permissionsOf(['read:all', 'app:access']));
    t.strictSame(
      restrictToEnvironment(rights, null).scopes,
      ['read:all', 'app:access'],
      'preview is not known',
    );
  },
);

const keyTypes: readonly (readonly [string, ReturnType<typeof permissionsOf>, string])[] = [
  ['every right', allPermissions, 'FULL_ACCESS'],
  ['READ and WRITE', permissionsOf(['read:all', 'write:all']), 'FULL_ACCESS'],
  ['READ', permissionsOf(['read:all']), 'READ_ONLY'],
  ['READ and ADMIN', permissionsOf(['read:all', 'admin']), 'SCOPED'],
  ['WRITE', permissionsOf(['write:all']), 'SCOPED'],
  ['nothing', noPermissions, 'SCOPED'],
  ['READ on everything by a grant', withGrants({ actions: ['READ'], on: '*' }), 'READ_ONLY'],
  ['READ on one type', withGrants({ actions: ['READ'], on: 'Post' }), 'SCOPED'],
  [
    'READ of some records',
    withGrants({ actions: ['READ'], on: '*', where: { id: '1' } }),
    'SCOPED',
  ],
  ['READ of a stage', withGrants({ actions: ['READ'], on: '*', stages: ['PUBLISHED'] }), 'SCOPED'],
  [
    'READ in an environment',
    withGrants({ actions: ['READ'], on: '*', environments: ['a'] }),
    'SCOPED',
  ],
  ['READ in a subgraph', withGrants({ actions: ['READ'], on: 'subgraph:cms' }), 'SCOPED'],
];
for (const [what, rights, type] of keyTypes) {
  t.test(`a key with ${what} is ${type}`, async (t) => {
    t.equal(keyTypeOf(rights), type);
  });
}

const conditional = (field: string, count: number) =>
  withGrants(
    ...Array.from({ length: count }, (_, n) => ({
      actions: ['READ'],
      on: '*',
      where: { [field]: n },
    })),
  );

t.test('what comes to too many grants is refused whole', async (t) => {
  t.equal(intersect(conditional('a', 15), conditional('b', 15)).grants.length, 225);
  for (const count of [16, 40, 100]) {
    t.throws(
      () => intersect(conditional('a', count), conditional('b', count)),
      { code: 'PERMISSIONS_TOO_COMPLEX', statusCode: 403 },
      `${count} × ${count}`,
    );
  }
  const many = new Map(
    ['one', 'two', 'three'].map((name) => [name, conditional(name, 90).grants] as const),
  );
  t.throws(() => permissionsOf([...many.keys()], many), { code: 'PERMISSIONS_TOO_COMPLEX' });
});

t.test(
  'a hundred grants with themselves, with all, or with a hundred of other types stay what they are',
  async (t) => {
    const many = conditional('a', 100);
    t.equal(many.grants.length, 100);
    t.strictSame(intersect(many, many).grants, many.grants);
    t.strictSame(intersect(many, allPermissions).grants, many.grants);
    const types = withGrants(
      ...Array.from({ length: 100 }, (_, n) => ({ actions: ['READ'], on: `T${n}` })),
    );
    const conditions = withGrants(
      ...Array.from({ length: 50 }, (_, n) => ({
        actions: ['READ'],
        on: `T${n}`,
        where: { a: n },
      })),
    );
    t.strictSame(intersect(types, conditions).grants, conditions.grants);
  },
);
