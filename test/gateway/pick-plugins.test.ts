import t from 'tap';
import { Type } from 'typebox';
import { definePlugin, pickPlugins, use } from '#gateway/plugin.ts';

const [one, two] = ['one', 'two'].map((name) =>
  use(definePlugin({ name, options: Type.Object({}), register() {} })),
);
const pick = (list: string | undefined) =>
  pickPlugins(
    'SOME_LIST',
    list,
    [one, two].flatMap((each) => each ?? []),
  ).map(({ name }) => name);

t.test('a list names plugins, in any order and each once', async (t) => {
  const table: readonly (readonly [string | undefined, readonly string[]])[] = [
    [undefined, []],
    ['', []],
    [' , ', []],
    ['two', ['two']],
    ['two, one ,two', ['one', 'two']],
  ];
  for (const [list, picked] of table) t.strictSame(pick(list), picked, String(list));
});

t.test('a name that is none stops the boot and says which there are', async (t) => {
  for (const [list, name] of [
    ['three', 'three'],
    ['one;two', 'one;two'],
    ['One', 'One'],
  ] as const) {
    t.throws(() => pick(list), {
      code: 'CONFIGURATION_INVALID',
      message: `SOME_LIST: there is no "${name}"; there are one, two`,
    });
  }
});
