import t from 'tap';
import { conditionText } from '#contract/permissions/conditions/encode-condition.ts';
import { evaluate } from '#contract/permissions/conditions/evaluate-condition.ts';
import { implies } from '#contract/permissions/conditions/implies.ts';
import { instantOf } from '#contract/permissions/conditions/literal.ts';
import { readCondition } from '#contract/permissions/conditions/read-condition.ts';
import { writtenLimits } from '#contract/permissions/limits.ts';

const read = (written: unknown) => readCondition(written, 'where', writtenLimits);

const noon = '2024-05-01T12:00:00Z';

/** Each operator: what is written, values of `f` for which it is true, false, and unknown. */
const table: readonly (readonly [object, unknown[], unknown[], unknown[]])[] = [
  [{ f: 'a' }, ['a'], ['b', 'A', ''], [null, undefined, 1, true, ['a'], {}]],
  [{ f: 1 }, [1, 1n], [2, 2n, 1.5, Infinity], [null, undefined, '1', true, Number.NaN]],
  [{ f: true }, [true], [false], [null, undefined, 'true', 1]],
  [{ f: null }, [null], ['a', 0, false, []], [undefined]],
  [{ f_not: null }, ['a', 0, false, []], [null], [undefined]],
  [{ f_not: 'a' }, ['b'], ['a'], [null, undefined, 1]],
  [{ f_in: ['a', 'b'] }, ['a', 'b'], ['c'], [null, undefined, 1]],
  [{ f_in: ['a', null] }, ['a', null], ['c'], [undefined]],
  [{ f_in: [null] }, [null], ['c'], [undefined]],
  [{ f_not_in: ['a', 'b'] }, ['c'], ['a', 'b'], [null, undefined]],
  [{ f_not_in: ['a', null] }, ['c'], ['a'], [null, undefined]],
  [{ f_lt: 2 }, [1, 1n, -1e300], [2, 3], [null, undefined, '1']],
  [{ f_lte: 2 }, [1, 2, 2n], [3], [null, '2']],
  [{ f_gt: 2 }, [3, 2n ** 64n], [2, 1], [null, '3']],
  [{ f_gte: 2 }, [2, 3], [1], [null, '3']],
  [{ f_lt: 'b' }, ['a', 'B', ''], ['b', 'ba'], [null, 1]],
  [{ f_lt: '\u{10000}' }, ['\uffff', '\ue000'], ['\u{10000}', '\u{10001}'], [null]],
  [{ f_gt: '\ufffd' }, ['\u{1f3f0}'], ['\ud7ff'], [null]],
  [{ f_contains: 'as' }, ['castle', 'as'], ['Castle AS'.toUpperCase(), ''], [null, 1, ['as']]],
  [{ f_not_contains: 'as' }, [''], ['as'], [null, 1]],
  [{ f_starts_with: 'ca' }, ['ca', 'castle'], ['a ca', 'c'], [null, 1]],
  [{ f_not_starts_with: 'ca' }, ['c'], ['ca'], [null, 1]],
  [{ f_ends_with: 'le' }, ['le', 'castle'], ['lee', 'e'], [null, 1]],
  [{ f_not_ends_with: 'le' }, ['e'], ['le'], [null, 1]],
  [
    { f: noon },
    ['2024-05-01T14:00:00+02:00', '2024-05-01t12:00:00.000z', new Date(noon)],
    ['2024-05-01T12:00:00.000001Z'],
    [null, '2024-05-01', 'noon', new Date(Number.NaN), Date.parse(noon)],
  ],
  [
    { f_gt: noon },
    ['2024-05-01T12:00:00.1Z', '2024-05-01T12:00:00-00:01', new Date(Date.parse(noon) + 1)],
    [noon, '2024-05-01T13:00:00+02:00'],
    [null, 'zzz'],
  ],
  [{ _and: [{ f_gt: 1 }, { f_lt: 3 }] }, [2], [1, 3], [null, 'a']],
  [{ f_gt: 1, f_lt: 3 }, [2], [1, 3], [null]],
  [{ _or: [{ f: 1 }, { f: null }] }, [1, null], [2], ['a', undefined]],
  [{ _not: { f: 1 } }, [2], [1], [null, 'a']],
  [{ _not: [{ f: 1 }, { f: 2 }] }, [3], [1, 2], [null]],
  [{ _not: { _not: { f: 1 } } }, [1], [2], [null]],
  [{ _not: { _or: [{ f: 1 }, { f: null }] } }, [2], [1], [null, 'a']],
  [{ AND: { f_gt: 1 }, NOT: { f: 5 } }, [2], [1, 5], [null]],
];

for (const [written, yes, no, unknown] of table) {
  t.test(`${JSON.stringify(written)} is true, false and unknown where SQL says so`, async (t) => {
    const condition = read(written);
    const of = (value: unknown) => evaluate(condition, { f: value });
    t.strictSame(
      yes.map(of),
      yes.map(() => true),
      'true',
    );
    t.strictSame(
      no.map(of),
      no.map(() => false),
      'false',
    );
    t.strictSame(
      unknown.map(of),
      unknown.map(() => null),
      'unknown',
    );
  });
}

t.test('a record has no fields but its own', async (t) => {
  for (const written of [{ constructor_not: null }, { toString_not: 'a' }, { valueOf: null }]) {
    t.equal(evaluate(read(written), {}), null, JSON.stringify(written));
  }
  t.equal(evaluate(read({ f: 'a' }), Object.create({ f: 'a' })), null);
});

const nested = (depth: number): object =>
  depth === 0 ? { a: 1 } : { _or: [{ b: depth }, { c: 1, _and: [nested(depth - 1)] }] };

/** What is written wrongly, the path that is told, and a word of why. */
const mistakes: readonly (readonly [unknown, string, RegExp])[] = [
  ['a', 'where', /object/],
  [[], 'where', /object/],
  [null, 'where', /object/],
  [{ f: { id: '1' } }, 'where.f', /must be a text/],
  [{ f: ['a'] }, 'where.f', /must be a text/],
  [{ f: undefined }, 'where.f', /must be a text/],
  [{ f: 2 ** 53 }, 'where.f', /exact/],
  [{ f: Number.POSITIVE_INFINITY }, 'where.f', /exact/],
  [{ f: 'a\0' }, 'where.f', /stored/],
  [{ f: '\ud800' }, 'where.f', /stored/],
  [{ f_in: 'a' }, 'where.f_in', /list/],
  [{ f_in: [] }, 'where.f_in', /not empty/],
  [{ f_in: ['a', {}] }, 'where.f_in[1]', /must be a text/],
  [{ f_in: ['a', 1] }, 'where.f_in', /one kind/],
  [{ f_not_in: ['a', noon] }, 'where.f_not_in', /one kind/],
  [{ f_lt: null }, 'where.f_lt', /must be a text/],
  [{ f_lt: true }, 'where.f_lt', /no order/],
  [{ f_contains: 1 }, 'where.f_contains', /must be a text/],
  [{ f_ends_with: null }, 'where.f_ends_with', /must be a text/],
  [{ logged_in: true }, 'where.logged_in', /list/],
  [{ tags_contains_all: ['a'] }, 'where.tags_contains_all', /lists/],
  [{ _search: 'a' }, 'where._search', /neither/],
  [{ f_search: 'a' }, 'where.f_search', /searches/],
  [{ _nor: [] }, 'where._nor', /neither/],
  [{ __typename: 'a' }, 'where.__typename', /neither/],
  [JSON.parse('{"__proto__":{"a":1}}'), 'where.__proto__', /neither/],
  [{ 'a.b': 1 }, 'where.a.b', /neither/],
  [{ '': 1 }, 'where.', /neither/],
  [{ _and: [] }, 'where._and', /empty/],
  [{ _or: [] }, 'where._or', /empty/],
  [{ _or: [{ f: 1 }, {}] }, 'where._or[1]', /empty/],
  [{ _not: {} }, 'where._not', /empty/],
  [{ _or: [{ f: 1 }, { f_gt: {} }] }, 'where._or[1].f_gt', /must be a text/],
  [{ f: 'a', _and: [{ f: 'b' }] }, 'where', /nothing can meet/],
  [nested(6), 'where', /nested/],
  [Object.fromEntries(Array.from({ length: 33 }, (_, n) => [`f${n}`, 1])), 'where', /32/],
];

for (const [written, path, why] of mistakes) {
  t.test(`${JSON.stringify(written)?.slice(0, 80)} is refused at ${path}`, async (t) => {
    t.throws(() => read(written), {
      code: 'BAD_USER_INPUT',
      message: why,
      extensions: { argument: path },
    });
  });
}

t.test('nesting and size are bounded before anything is made of them', async (t) => {
  let deep: object = { a: 1 };
  for (let depth = 0; depth < 50_000; depth += 1) deep = { _not: deep };
  t.throws(() => read(deep), { code: 'BAD_USER_INPUT', message: /too deep/ });
  const wide = { _or: Array.from({ length: 100_000 }, () => ({ a: 1 })) };
  t.throws(() => read(wide), { code: 'BAD_USER_INPUT', message: /too large/ });
  const error = t.throws(() => read({ [`f${'x'.repeat(1e6)}`]: 1 }), { code: 'BAD_USER_INPUT' });
  t.ok(String(error).length < 500);
});

const canonical: readonly (readonly [object, string])[] = [
  [{ b: 1, a: 1 }, '{"a":1,"b":1}'],
  [{ f_in: ['b', 'a', 'b'] }, '{"f_in":["a","b"]}'],
  [{ f_in: ['a'] }, '{"f":"a"}'],
  [{ _or: [{ f: 'a' }, { f: 'b' }] }, '{"f_in":["a","b"]}'],
  [{ f_in: ['a', 'b', 'c'], f_not: 'b' }, '{"f_in":["a","c"]}'],
  [{ f_not: 'a', _and: [{ f_not: 'b' }] }, '{"f_not_in":["a","b"]}'],
  [{ f_lt: 5, _and: [{ f_lt: 3 }] }, '{"f_lt":3}'],
  [{ _or: [{ f_lt: 5 }, { f_lt: 3 }] }, '{"f_lt":5}'],
  [{ f_not: null, f_gt: 1 }, '{"f_gt":1}'],
  [{ _not: { a: 1, b_lt: 2 } }, '{"_or":[{"a_not":1},{"b_gte":2}]}'],
  [{ f_gt: '2024-05-01T14:00:00.500+02:00' }, '{"f_gt":"2024-05-01T12:00:00.5Z"}'],
  [{ f: -0 }, '{"f":0}'],
  [{ logged_in_in: [true] }, '{"logged_in_in":[true]}'],
  [{ x_not_not_in: ['a'] }, '{"x_not_not":"a"}'],
  [{ _not: { x_not_not: 'a' } }, '{"_not":{"x_not_not":"a"}}'],
  [
    { a: 1, _or: [{ b: 1 }, { c: 1 }], _and: [{ _or: [{ d: 1 }, { e: 1 }] }] },
    '{"_or":[{"b":1},{"c":1}],"a":1,"_and":[{"_or":[{"d":1},{"e":1}]}]}',
  ],
];

for (const [written, text] of canonical) {
  t.test(`${JSON.stringify(written)} is kept as ${text}`, async (t) => {
    const condition = read(written);
    t.equal(conditionText(condition), text);
    t.strictSame(read(JSON.parse(text)), condition);
    t.ok(Object.isFrozen(condition));
  });
}

t.test('no condition is an empty object at the top', async (t) => {
  t.strictSame(read({}), { kind: 'and', conditions: [] });
});

t.test('only date-times that exist are instants', async (t) => {
  const no = [
    '2024-02-30T00:00:00Z',
    '2024-13-01T00:00:00Z',
    '2024-05-01T24:00:00Z',
    '2024-05-01T00:00:60Z',
    '2024-05-01T00:00:00',
    '2024-05-01 00:00:00Z',
    '2024-05-01T00:00:00.1234567890Z',
    '0000-01-01T00:00:00+01:00',
    '9999-12-31T23:59:59-00:01',
  ];
  t.strictSame(
    no.map(instantOf),
    no.map(() => null),
  );
  t.equal(instantOf('2024-02-29T23:59:59.120+23:59'), '2024-02-29T00:00:59.12');
});

const implications: readonly (readonly [object, object, boolean])[] = [
  [{ f: 'a' }, { f_in: ['a', 'b'] }, true],
  [{ f_in: ['a', 'b'] }, { f: 'a' }, false],
  [{ f: 3 }, { f_gt: 2, f_lte: 3 }, true],
  [{ f: 'ab' }, { f_starts_with: 'a', f_contains: 'b', f_not: 'c' }, true],
  [{ f_gt: 3 }, { f_gt: 2 }, true],
  [{ f_gt: 2 }, { f_gt: 3 }, false],
  [{ f_gte: 2 }, { f_gt: 2 }, false],
  [{ f_gt: 2 }, { f_gte: 2 }, true],
  [{ f_gt: 3 }, { f_gt: '2' }, false],
  [{ f_lte: 1 }, { f_lt: 2 }, true],
  [{ f_lte: 2 }, { f_lt: 2 }, false],
  [{ f_lt: 2 }, { f_lte: 2 }, true],
  [{ f_lt: 3 }, { f_lt: 2 }, false],
  [{ f_gt: 3 }, { f_not: null }, true],
  [{ f: null }, { f_not: 'a' }, false],
  [{ f_not_in: ['a', 'b'] }, { f_not: 'a' }, true],
  [{ f_not: 'a' }, { f_not_in: ['a', 'b'] }, false],
  [{ f_starts_with: 'ab' }, { f_starts_with: 'a' }, true],
  [{ f_starts_with: 'ab' }, { f_ends_with: 'ab' }, false],
  [{ f: noon }, { f_gt: '2024-01-01T00:00:00Z' }, true],
  [{ f: noon }, { f_contains: '12' }, false],
  [{ f: noon }, { f_gt: '2023' }, false],
  [{ a: 1, b: 2 }, { a: 1 }, true],
  [{ a: 1 }, { a: 1, b: 2 }, false],
  [{ a: 1 }, { _or: [{ a: 1 }, { b: 2 }] }, true],
  [{ _or: [{ a: 1 }, { b: 2 }] }, { a: 1 }, false],
  [{ a: 1, _or: [{ b: 1 }, { c: 1 }] }, { _or: [{ c: 1 }, { b: 1 }, { d: 1 }] }, true],
];

for (const [one, other, expected] of implications) {
  t.test(
    `${JSON.stringify(one)} ${expected ? 'implies' : 'does not imply'} ${JSON.stringify(other)}`,
    async (t) => {
      t.equal(implies(read(one), read(other)), expected);
    },
  );
}
