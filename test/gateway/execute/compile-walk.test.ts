import t from 'tap';
import { compileWalk } from '#gateway/execute/compile-walk.ts';
import type { PathSegment } from '#gateway/plan/plan.ts';
import type { SupergraphTypes } from '#gateway/supergraph/supergraph-types.ts';

const types = {
  matches: (condition, name) => condition === name || condition === 'Animal',
} as SupergraphTypes;
const key = (name: string): PathSegment => ({ kind: 'key', key: name });
const items: PathSegment = { kind: 'items' };
const only = (...names: string[]): PathSegment => ({ kind: 'types', types: names });

/** What is visited, as the index of the path and the name of the object. */
function visited(paths: readonly (readonly PathSegment[])[], data: object): string[] {
  const seen: string[] = [];
  compileWalk(paths, types)(data as Record<string, unknown>, (at, object, holder, place) => {
    t.equal(holder[place], object, 'it is told where the object stands');
    seen.push(`${at} ${object.name}`);
  });
  return seen;
}

t.test('objects are visited in the order of the answer, whatever stands beside them', async (t) => {
  const data = {
    pets: [{ name: 'a' }, null, [{ name: 'b' }, 7, [{ name: 'c' }]], 'x', { name: 'd' }],
  };
  t.same(visited([[key('pets'), items]], data), ['0 a', '0 b', '0 c', '0 d']);
  t.same(visited([[key('pets'), items]], { pets: null }), []);
  t.same(visited([[]], { name: 'root' }), ['0 root']);
});

t.test('paths that begin alike and paths that end inside others are told apart', async (t) => {
  const data = { one: { name: 'o', pet: { name: 'p', owner: { name: 'q' } } } };
  const paths = [
    [key('one'), key('pet'), key('owner')],
    [key('one')],
    [key('one'), key('pet')],
    [key('two'), key('pet')],
  ];
  t.same(new Set(visited(paths, data)), new Set(['0 q', '1 o', '2 p']));
});

t.test('a list that several objects share is entered once for each path', async (t) => {
  const shared = [{ name: 's' }];
  const data = { pets: [{ friends: shared }, { friends: shared }], best: { friends: shared } };
  const paths = [
    [key('pets'), items, key('friends'), items],
    [key('best'), key('friends'), items],
  ];
  t.same(visited(paths, data), ['0 s', '1 s']);
});

t.test('conditions on types hold for objects that say theirs', async (t) => {
  const pets = [
    { __typename: 'Cat', name: 'c' },
    { __typename: 'Dog', name: 'd' },
    { name: 'of the only type' },
  ];
  const at = (...names: string[]) => [key('pets'), items, only(...names)];
  t.same(visited([at('Cat')], { pets }), ['0 c', '0 of the only type']);
  t.same(visited([at('Cat', 'Dog')], { pets }), ['0 c', '0 d', '0 of the only type']);
  t.same(visited([at('Animal')], { pets }), ['0 c', '0 d', '0 of the only type']);
});

t.test('keys that every object inherits are not taken for its own', async (t) => {
  const paths = [[key('constructor')], [key('toString'), key('name')], [key('pet')]];
  t.same(visited(paths, { pet: { name: 'p' } }), ['2 p']);
});
