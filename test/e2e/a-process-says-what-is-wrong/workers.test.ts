import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import t from 'tap';
import { runCastellan } from '#test/support/castellan-process.ts';

const folder = t.testdir({ 'supergraph.graphql': 'type Query {' });
const taken = createServer();
await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
t.teardown(() => taken.close());
const port = String((taken.address() as AddressInfo).port);

const two = ['gateway', '--open', '--workers', '2'];

const mistakes: readonly {
  readonly mistake: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly says: RegExp;
}[] = [
  {
    mistake: 'no worker at all',
    args: ['gateway', '--open', '--workers', '0'],
    says: /^--workers must be a number from 1 to 256, or auto, not "0"/,
  },
  {
    mistake: 'workers in words',
    args: ['gateway', '--open', '--workers', 'two'],
    says: /^--workers must be a number/,
  },
  {
    mistake: 'several processes of everything',
    args: ['start', '--workers', '2'],
    says: /^"start" is one process; .*npm run gateway -- --workers N/,
  },
  {
    mistake: 'what only a plugin can know',
    args: ['gateway', '--workers', '2'],
    says: /set IDENTITY_URL, or run with --open/,
  },
  {
    mistake: 'a supergraph that is not there',
    args: [...two, '--supergraph', 'nope.graphql'],
    says: /nope\.graphql does not exist/,
  },
  {
    mistake: 'a supergraph that is broken',
    args: [...two, '--supergraph', path.join(folder, 'supergraph.graphql')],
    says: /supergraph\.graphql:1:13: Syntax Error/,
  },
  {
    mistake: 'a taken port',
    args: [...two, '--port', port],
    says: /^Port \d+ on 127\.0\.0\.1 is already in use/,
  },
  {
    mistake: 'an address of another machine',
    args: ['gateway', '--workers', '2', '--host', '192.0.2.1'],
    env: { IDENTITY_URL: 'http://127.0.0.1:1' },
    says: /^Cannot listen on 192\.0\.2\.1/,
  },
];

for (const { mistake, args, env = {}, says } of mistakes) {
  t.test(`several workers, ${mistake}: one clear line, exit code 1`, async (t) => {
    const data = path.join(folder, 'data');
    const result = await runCastellan(args, { CASTELLAN_DATA: data, LOG_LEVEL: 'fatal', ...env });
    t.equal(result.code, 1);
    t.match(result.stderr, says);
    t.equal(result.stderr.trim().split('\n').length, 1, result.stderr);
    t.equal(result.stdout, '', 'nothing is greeted');
  });
}
