import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import t from 'tap';
import { runCastellan } from '#test/support/castellan-process.ts';

const folder = t.testdir({
  'a-file': 'no folder',
  broken: { 'supergraph.graphql': 'type Query {' },
});
const data = path.join(folder, 'data');

const taken = createServer();
await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
t.teardown(() => taken.close());
const port = String((taken.address() as AddressInfo).port);

interface Mistake {
  readonly mistake: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly says: RegExp;
  readonly code?: number;
}

const mistakes: readonly Mistake[] = [
  {
    mistake: 'a taken port',
    args: ['start', '--port', port],
    says: /^Port \d+ on 127\.0\.0\.1 is already in use/,
  },
  {
    mistake: 'a data folder that is a file',
    args: ['start'],
    env: { CASTELLAN_DATA: path.join(folder, 'a-file') },
    says: /^The data folder cannot be used: .*a-file/,
  },
  {
    mistake: 'a port that is none',
    args: ['start'],
    env: { PORT: 'http' },
    says: /^PORT must be a port/,
  },
  {
    mistake: 'a port beyond 65535',
    args: ['start', '--port', '70000'],
    says: /^--port must be a port/,
  },
  {
    mistake: 'a log level that is none',
    args: ['start'],
    env: { LOG_LEVEL: 'loud' },
    says: /^LOG_LEVEL must be one of/,
  },
  {
    mistake: 'an unknown flag',
    args: ['start', '--prot', '1'],
    says: /unknown flag --prot; did you mean --port\?/,
    code: 2,
  },
  {
    mistake: 'an unknown command',
    args: ['strat'],
    says: /strat is not a command; did you mean start\?/,
    code: 2,
  },
  {
    mistake: 'a database that does not answer',
    args: ['start'],
    env: { DATABASE_URL: 'postgres://me:hush@127.0.0.1:1/x' },
    says: /^The database cannot be reached at 127\.0\.0\.1:1/,
  },
  {
    mistake: 'production without secrets',
    args: ['start'],
    env: { NODE_ENV: 'production' },
    says: /must be set: CASTELLAN_SIGNING_KEY, CASTELLAN_PEPPER/,
  },
  {
    mistake: 'a gateway that knows no identity',
    args: ['gateway'],
    says: /set IDENTITY_URL, or run with --open/,
  },
  {
    mistake: 'a gateway in production without secrets',
    args: ['gateway'],
    env: { NODE_ENV: 'production', IDENTITY_URL: 'http://127.0.0.1:1' },
    says: /must be set: CASTELLAN_SIGNING_KEY, IDENTITY_SECRET$/m,
  },
  {
    mistake: 'a gateway in production without a signing key, where no identity is to be asked',
    args: ['gateway'],
    env: { NODE_ENV: 'production' },
    says: /must be set: CASTELLAN_SIGNING_KEY$/m,
  },
  {
    mistake: 'a signing key that is none',
    args: ['start'],
    env: { CASTELLAN_SIGNING_KEY: '{"kty":"hush"}' },
    says: /signing key must be a JWK/,
  },
  {
    mistake: 'a pepper that is none',
    args: ['start'],
    env: { CASTELLAN_PEPPER: 'hush' },
    says: /CASTELLAN_PEPPER/,
  },
  {
    mistake: '--open to the world',
    args: ['gateway', '--open', '--host', '0.0.0.0'],
    says: /listens on loopback only/,
  },
  {
    mistake: 'a supergraph that is not there',
    args: ['gateway', '--open', '--supergraph', 'nope.graphql'],
    says: /nope\.graphql does not exist/,
  },
  {
    mistake: 'a supergraph that is broken',
    args: ['gateway', '--open', '--supergraph', path.join(folder, 'broken/supergraph.graphql')],
    says: /supergraph\.graphql:1:13: Syntax Error/,
  },
  {
    mistake: 'an address of another machine',
    args: ['start', '--host', '192.0.2.1'],
    says: /^Cannot listen on 192\.0\.2\.1/,
  },
];

for (const { mistake, args, env = {}, says, code = 1 } of mistakes) {
  t.test(`${mistake}: one clear line, exit code ${code}, no secret told`, async (t) => {
    const result = await runCastellan(args, { CASTELLAN_DATA: data, LOG_LEVEL: 'fatal', ...env });
    t.equal(result.code, code);
    t.match(result.stderr, says);
    t.equal(result.stderr.trim().split('\n').length, 1, result.stderr);
    t.equal(result.stdout, '', 'nothing is greeted');
    t.notMatch(result.stderr, 'hush');
  });
}

t.test('a taken port makes no owner whose password nobody would see', async (t) => {
  const fresh = path.join(folder, 'fresh');
  await runCastellan(['start', '--port', port], { CASTELLAN_DATA: fresh });
  t.notOk(existsSync(path.join(fresh, 'castellan.db')));
});

t.test('a broken castellan.config.ts is named, with the option that is wrong', async (t) => {
  const cwd = path.join(folder, 'project');
  mkdirSync(cwd);
  const settings = new URL('../../../gateway/settings.ts', import.meta.url).href;
  writeFileSync(
    path.join(cwd, 'castellan.config.ts'),
    `import { defineConfig } from '${settings}';\nexport default defineConfig({ plugins: [], limits: { maxDepth: 0 } });\n`,
  );
  const result = await runCastellan(['gateway', '--open'], {}, cwd);
  t.equal(result.code, 1);
  t.match(result.stderr, /^castellan\.config\.ts: limits\.maxDepth must be >= 1\n$/);
});
