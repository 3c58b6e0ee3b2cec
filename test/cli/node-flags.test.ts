import { execFile } from 'node:child_process';
import { dirname, resolve } from 'node:path';
import { promisify } from 'node:util';
import t from 'tap';
import manifest from '../../package.json' with { type: 'json' };

const root = resolve(import.meta.dirname, '../..');

t.test('every npm script that serves has the same bounds on memory', async (t) => {
  const { castellan, start, gateway, identity } = manifest.scripts;
  t.match(castellan, 'cli/castellan.sh');
  t.strictSame(
    [start, gateway, identity],
    ['start', 'gateway', 'identity'].map((name) => `${castellan} ${name}`),
  );
});

t.test('Node takes these flags, and the command its arguments as they are', async (t) => {
  const env = { ...process.env, PATH: `${dirname(process.execPath)}:${process.env.PATH}` };
  const run = promisify(execFile)('sh', ['cli/castellan.sh', 'no such', '--command'], {
    cwd: root,
    env,
  });
  const { stderr } = await run.then(
    () => ({ stderr: '' }),
    (error) => error,
  );
  t.match(stderr, /"?no such"? is not a command/);
});
