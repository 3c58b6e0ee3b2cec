import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import t from 'tap';
import { startWhole } from '#test/support/running-castellan.ts';

const readme = readFileSync('README.md', 'utf8');
const section = /## Create, use, revoke\n([\s\S]*?)\n## /.exec(readme)?.[1] ?? '';
const steps = [...section.matchAll(/```sh\n(curl[\s\S]*?)```\n+```json\n([\s\S]*?)```/g)].map(
  ([, command = '', output = '']) => ({ command, output }),
);

/** What differs from run to run. */
function normal(text: string): string {
  return text
    .trim()
    .replaceAll(/cst_test_\w{49}/g, 'cst_test_…')
    .replaceAll(/key_\w{22}/g, 'key_…')
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'time');
}

t.test('the walk-through of the README runs as it stands and answers as it shows', async (t) => {
  t.equal(steps.length, 6);
  const { url, facts } = await startWhole(t, {
    url: undefined,
    file: path.join(t.testdir(), 'castellan.db'),
  });
  const env: Record<string, string> = {
    PATH: process.env.PATH ?? '',
    KEY: facts.get('API key') ?? '',
  };
  for (const { command, output } of steps) {
    const { stdout } = await promisify(execFile)(
      'bash',
      ['-c', command.replaceAll('http://127.0.0.1:4000', url)],
      { env },
    );
    t.equal(normal(stdout), normal(output));
    const created = /"id":"(key_\w+)","key":"(cst_\w+)"/.exec(stdout);
    if (created !== null) {
      env.NEW_ID = created[1] ?? '';
      env.NEW_KEY = created[2] ?? '';
    }
  }
});
