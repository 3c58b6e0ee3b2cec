import fc from 'fast-check';
import t from 'tap';
import {
  type Alternatives,
  allImply,
  isMet,
  readAlternatives,
} from '#plugins/authorization/rules/alternatives.ts';

t.test('all names of any one list are enough', async (t) => {
  const alternatives = [['a', 'b'], ['c']];
  const met = (...names: string[]) => isMet(alternatives, (name) => names.includes(name));
  t.ok(met('a', 'b'));
  t.ok(met('c'));
  t.notOk(met('a'));
  t.notOk(met());
  t.notOk(
    isMet([], () => true),
    'of no list, nothing is',
  );
  t.ok(
    isMet([[]], () => false),
    'and of an empty one, everything',
  );
});

t.test('one thing implies another only if whoever meets it meets that', async () => {
  const names = fc.constantFrom('a', 'b', 'c', 'd');
  const alternatives = fc.array(fc.array(names, { maxLength: 3 }), { maxLength: 3 });
  fc.assert(
    fc.property(fc.array(alternatives, { maxLength: 3 }), alternatives, (given, wanted) => {
      const subsets = Array.from({ length: 16 }, (_, bits) =>
        ['a', 'b', 'c', 'd'].filter((_name, index) => (bits >> index) & 1),
      );
      const has = (subset: string[]) => (name: string) => subset.includes(name);
      const truth = subsets.every(
        (subset) =>
          !given.every((each: Alternatives) => isMet(each, has(subset))) ||
          isMet(wanted, has(subset)),
      );
      return allImply(given, wanted) === truth;
    }),
    { numRuns: 2_000 },
  );
});

t.test('anything but lists of lists of names is a mistake of the supergraph', async (t) => {
  for (const value of [undefined, null, 'a', ['a'], [[1]], [['']], { a: 1 }, [null]]) {
    t.throws(() => readAlternatives(value, 'Query.a', 'policy'), {
      code: 'SUPERGRAPH_INVALID',
      message: 'Query.a: @policy needs lists of lists of names',
    });
  }
});
