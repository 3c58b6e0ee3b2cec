import t from 'tap';
import type { Grant } from '#contract/permissions/grant.ts';
import { encodeGrants } from '#contract/permissions/make-grant.ts';
import { readGrants } from '#contract/permissions/read-grants.ts';

const whole = {
  actions: ['UPDATE', 'READ', 'READ'],
  on: 'Post',
  within: 'content',
  environments: ['staging', 'env_1'],
  stages: ['PUBLISHED', 'DRAFT', 'DRAFT'],
  locales: ['pt-BR', 'en', 'zh_Hant_TW'],
  where: { title_starts_with: 'a', OR: [{ id: '1' }, { id: '2' }] },
};

t.test('grants are kept in one form: sorted, without doubles, frozen', async (t) => {
  const grants = readGrants([
    whole,
    { actions: ['READ'], on: '*' },
    { on: '*', actions: ['CREATE'] },
  ]);
  t.equal(
    encodeGrants(grants),
    JSON.stringify([
      { actions: ['READ', 'CREATE'], on: '*' },
      {
        actions: ['READ', 'UPDATE'],
        on: 'Post',
        within: 'content',
        environments: ['env_1', 'staging'],
        stages: ['DRAFT', 'PUBLISHED'],
        locales: ['en', 'pt-BR', 'zh_Hant_TW'],
        where: { id_in: ['1', '2'], title_starts_with: 'a' },
      },
    ]),
  );
  t.ok(isFrozenThrough(grants));
});

t.test('what is stored as text is read again as the same', async (t) => {
  const grants = readGrants([whole, { actions: ['MANAGE'], on: 'subgraph:identity' }]);
  const again = readGrants(JSON.parse(encodeGrants(grants)));
  t.strictSame(again, grants);
  t.equal(encodeGrants(again), encodeGrants(grants));
});

t.test('what is left out, null or an empty condition restricts nothing', async (t) => {
  const plain = readGrants([{ actions: ['READ'], on: 'Post' }]);
  const nothing = { within: null, environments: null, stages: null, locales: null, where: {} };
  t.strictSame(readGrants([{ actions: ['READ'], on: 'Post', ...nothing }]), plain);
  t.strictSame(Object.keys(plain[0] as Grant), ['actions', 'on']);
});

const good = { actions: ['READ'], on: 'Post' };
const mistakes: readonly (readonly [unknown, string])[] = [
  [null, 'grants'],
  [{}, 'grants'],
  ['READ', 'grants'],
  [[null], 'grants[0]'],
  [['READ'], 'grants[0]'],
  [[good, []], 'grants[1]'],
  [[{ on: 'Post' }], 'grants[0].actions'],
  [[{ ...good, actions: [] }], 'grants[0].actions'],
  [[{ ...good, actions: 'READ' }], 'grants[0].actions'],
  [[{ ...good, actions: ['READ', 'read'] }], 'grants[0].actions[1]'],
  [[{ ...good, actions: ['toString'] }], 'grants[0].actions[0]'],
  [[{ actions: ['READ'] }], 'grants[0].on'],
  ...[
    '',
    'Post.',
    '.title',
    'Post.title.x',
    'Po st',
    '**',
    'Post\n',
    'subgraph:',
    'subgraph:a b',
    'subgraph:*',
    5,
  ].map((on) => [[{ ...good, on }], 'grants[0].on'] as const),
  [[{ ...good, within: 'a b' }], 'grants[0].within'],
  [[{ actions: ['READ'], on: 'subgraph:a', within: 'b' }], 'grants[0].within'],
  [[{ ...good, wher: {} }], 'grants[0].wher'],
  [[JSON.parse('{"actions":["READ"],"on":"Post","__proto__":{}}')], 'grants[0].__proto__'],
  [[{ ...good, environments: [] }], 'grants[0].environments'],
  [[{ ...good, environments: ['a', ''] }], 'grants[0].environments[1]'],
  [[{ ...good, stages: ['in review'] }], 'grants[0].stages[0]'],
  [[{ ...good, stages: 'PUBLISHED' }], 'grants[0].stages'],
  [[{ ...good, locales: ['english language'] }], 'grants[0].locales[0]'],
  [[{ ...good, locales: ['e'] }], 'grants[0].locales[0]'],
  [[{ ...good, where: [] }], 'grants[0].where'],
  [[good, good, { ...good, where: { title_gt: {} } }], 'grants[2].where.title_gt'],
  [Array.from({ length: 101 }, (_, n) => ({ ...good, on: `T${n}` })), 'grants'],
  [
    Array.from({ length: 40 }, (_, n) => ({ ...good, where: { id: 'x'.repeat(80) + n } })),
    'grants',
  ],
  [[{ ...good, where: { id: 'x'.repeat(100_000) } }], 'grants'],
];

for (const [written, path] of mistakes) {
  t.test(`${JSON.stringify(written).slice(0, 80)} is refused at ${path}`, async (t) => {
    t.throws(() => readGrants(written), {
      code: 'BAD_USER_INPUT',
      extensions: { argument: path, code: 'BAD_USER_INPUT' },
    });
  });
}

t.test('the path begins where the caller says', async (t) => {
  t.throws(() => readGrants([5], 'input.grants'), {
    code: 'BAD_USER_INPUT',
    extensions: { argument: 'input.grants[0]' },
  });
});

t.test('a hundred grants may be written', async (t) => {
  const hundred = Array.from({ length: 100 }, (_, n) => ({ actions: ['READ'], on: `T${n}` }));
  t.equal(readGrants(hundred).length, 100);
});

function isFrozenThrough(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return true;
  return Object.isFrozen(value) && Object.values(value).every(isFrozenThrough);
}
