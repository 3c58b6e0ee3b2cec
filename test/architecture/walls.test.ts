// A wall that is not tried goes blind without a word: with a parser that reads nothing, dependency-cruiser
// answers "no violations" and exits 0. Each wall is broken here once, in a tree of its own, by each way of
// importing, and the tree as it stands is held against them all.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import t, { type Test } from 'tap';
import { checkWalls } from '#scripts/check-walls.ts';

const root = resolve(import.meta.dirname, '../..');
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

const sound: Readonly<Record<string, string>> = {
  'contract/ids.ts': "import { randomUUID } from 'node:crypto';\nexport const id = randomUUID;\n",
  'contract/claims.ts': "export { id } from './ids.ts';\n",
  'gateway/plugin.ts': "import { id } from '#contract/ids.ts';\nexport const define = id;\n",
  'gateway/app.ts': "export { define } from './plugin.ts';\n",
  'plugins/auth/index.ts':
    "import { define } from '#gateway/plugin.ts';\nexport const a = define;\n",
  'plugins/dialects/kit/rest.ts': "export { define } from '#gateway/plugin.ts';\n",
  'plugins/dialects/fibery/index.ts': "export { define } from '../kit/rest.ts';\n",
  'plugins/dialects/other/index.ts': "export { id } from '#contract/ids.ts';\n",
  'plugins/limits/index.ts': "export { id } from '#contract/ids.ts';\n",
  'subgraphs/kit/index.ts': "export { id } from '#contract/claims.ts';\n",
  'subgraphs/identity/index.ts': "export { id } from '#subgraphs/kit/index.ts';\n",
  'subgraphs/content/index.ts': "export { id } from '../kit/index.ts';\n",
  'cli/main.ts':
    "export { a } from '../castellan.config.ts';\nexport { id } from '#subgraphs/identity/index.ts';\n",
  'castellan.config.ts': "export { a } from '#plugins/auth/index.ts';\n",
  'test/support/graph.ts': "export { a } from '#cli/main.ts';\n",
};

/** Where an import is written, what it names, and the wall that it breaks. */
const breaches: readonly (readonly [file: string, name: string, wall: string])[] = [
  ['contract/ids.ts', '#gateway/app.ts', 'contract-knows-nobody'],
  ['contract/ids.ts', '#plugins/limits/index.ts', 'contract-knows-nobody'],
  ['contract/ids.ts', 'fastify', 'contract-knows-nobody'],
  ['gateway/app.ts', '#plugins/limits/index.ts', 'gateway-stands-alone'],
  ['gateway/app.ts', '../plugins/auth/index.ts', 'gateway-stands-alone'],
  ['gateway/app.ts', '#subgraphs/content/index.ts', 'gateway-stands-alone'],
  ['gateway/app.ts', '#cli/main.ts', 'gateway-stands-alone'],
  ['gateway/app.ts', '../castellan.config.ts', 'gateway-stands-alone'],
  ['plugins/auth/index.ts', '#gateway/app.ts', 'a-plugin-stands-alone'],
  ['plugins/auth/index.ts', '#plugins/limits/index.ts', 'a-plugin-stands-alone'],
  ['plugins/auth/index.ts', '#subgraphs/kit/index.ts', 'a-plugin-stands-alone'],
  ['plugins/limits/index.ts', '#cli/main.ts', 'a-plugin-stands-alone'],
  ['plugins/dialects/fibery/index.ts', '../other/index.ts', 'a-dialect-stands-alone'],
  ['plugins/dialects/fibery/index.ts', '#plugins/auth/index.ts', 'a-dialect-stands-alone'],
  ['plugins/dialects/fibery/index.ts', '#gateway/app.ts', 'a-dialect-stands-alone'],
  ['plugins/dialects/fibery/index.ts', '#subgraphs/kit/index.ts', 'a-dialect-stands-alone'],
  ['plugins/dialects/kit/rest.ts', '../fibery/index.ts', 'a-dialect-stands-alone'],
  ['plugins/limits/index.ts', '#plugins/dialects/kit/rest.ts', 'a-plugin-stands-alone'],
  ['subgraphs/identity/index.ts', '#subgraphs/content/index.ts', 'a-subgraph-stands-alone'],
  ['subgraphs/identity/index.ts', '#gateway/plugin.ts', 'a-subgraph-stands-alone'],
  ['subgraphs/identity/index.ts', '#plugins/auth/index.ts', 'a-subgraph-stands-alone'],
  ['subgraphs/kit/index.ts', '#subgraphs/content/index.ts', 'a-subgraph-stands-alone'],
  ['cli/main.ts', '#plugins/limits/index.ts', 'only-the-config-names-plugins'],
  ['subgraphs/content/index.ts', '#plugins/limits/index.ts', 'only-the-config-names-plugins'],
  ['cli/main.ts', '#test/support/graph.ts', 'nothing-imports-test'],
  ['plugins/auth/index.ts', '#test/support/graph.ts', 'nothing-imports-test'],
  ['contract/ids.ts', './claims.ts', 'no-cycles'],
  ['gateway/plugin.ts', './app.ts', 'no-cycles'],
  ['gateway/app.ts', '#gateway/absent.ts', 'every-import-resolves'],
  ['gateway/app.ts', 'no-such-package', 'every-import-resolves'],
  ['cli/main.ts', 'tap', 'no-development-dependency'],
];

const waysOfImporting: Readonly<Record<string, (name: string) => string>> = {
  'a value': (name) => `import * as x from '${name}';\nexport const y = x;\n`,
  'a type': (name) => `import type * as x from '${name}';\nexport type Y = typeof x;\n`,
  'a re-export': (name) => `export * from '${name}';\n`,
  'a dynamic import': (name) => `export const y = () => import('${name}');\n`,
};

t.test('the walls stand in the tree as it is', async (t) => {
  const { modules, imports, broken, unseen } = await checkWalls(root);
  t.strictSame(broken, []);
  t.strictSame(unseen, []);
  t.ok(modules > 20, `${modules} modules were read`);
  t.ok(imports > modules, `${imports} imports were read`);
});

t.test('a sound tree breaks no wall', async (t) => {
  const report = await checkWalls(plant(t, sound));
  t.strictSame(report.broken, []);
  t.strictSame(report.unseen, []);
  t.equal(report.modules, Object.keys(sound).length);
});

for (const [way, write] of Object.entries(waysOfImporting)) {
  t.test(`a wall that ${way} passes is reported`, async (t) => {
    for (const [file, name, wall] of breaches) {
      // Types are gone at run time: only these may come from what production does not install.
      if (wall === 'no-development-dependency' && way === 'a type') continue;
      const tree = plant(t, { ...sound, [file]: `${sound[file]}${write(name)}` });
      const { broken } = await checkWalls(tree);
      const seen = broken.some((line) => line.startsWith(`${wall}: `) && line.includes(file));
      t.ok(seen, `${wall}: ${file} imports ${name}`, { broken });
    }
  });
}

t.test('an import that the parser cannot see is reported, not passed over', async (t) => {
  const text = `${sound['gateway/app.ts']}export type Y = import('#plugins/auth/index.ts').Y;\n`;
  const { unseen } = await checkWalls(plant(t, { ...sound, 'gateway/app.ts': text }));
  t.strictSame(unseen, ['gateway/app.ts: #plugins/auth/index.ts']);
});

t.test('an import in a using declaration is seen', async (t) => {
  const text =
    "export const run = async () => {\n  await using y = await import('#cli/main.ts');\n};\n";
  const { broken } = await checkWalls(plant(t, { ...sound, 'gateway/app.ts': text }));
  t.strictSame(broken, ['gateway-stands-alone: gateway/app.ts → cli/main.ts']);
});

t.test('a tree without modules is not a sound one', async (t) => {
  const { modules, unseen } = await checkWalls(plant(t, { 'README.md': 'nothing here' }));
  t.equal(modules, 0);
  t.equal(unseen.length, 1);
});

/** Writes a small tree that has our import names and our packages; returns where it lies. */
function plant(t: Test, files: Readonly<Record<string, string>>): string {
  const base = t.testdir({});
  const { imports, dependencies, devDependencies } = manifest;
  const all = {
    ...files,
    'package.json': JSON.stringify({ type: 'module', imports, dependencies, devDependencies }),
  };
  for (const [file, text] of Object.entries(all)) {
    mkdirSync(dirname(join(base, file)), { recursive: true });
    writeFileSync(join(base, file), text);
  }
  return base;
}
