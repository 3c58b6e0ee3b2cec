import { chmodSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { withSecrets } from '#cli/secrets.ts';
import { runCastellan } from '#test/support/castellan-process.ts';
import { startWhole } from '#test/support/running-castellan.ts';

t.test('a folder that everybody can write to holds nothing that others can read', async (t) => {
  const folder = t.testdir();
  chmodSync(folder, 0o777);
  await startWhole(t, { url: undefined, file: path.join(folder, 'castellan.db') });
  const names = readdirSync(folder);
  t.ok(names.includes('castellan.db') && names.includes('pepper'));
  for (const name of names) {
    t.equal(statSync(path.join(folder, name)).mode & 0o077, 0, name);
  }
});

t.test('a secret that others can read or change is refused by name', async (t) => {
  const folder = t.testdir();
  const file = path.join(folder, 'pepper');
  writeFileSync(file, 'hush');
  for (const mode of [0o640, 0o604, 0o620, 0o602, 0o666]) {
    chmodSync(file, mode);
    await t.rejects(withSecrets({}, folder, ['CASTELLAN_PEPPER']), {
      code: 'CONFIGURATION_INVALID',
    });
    t.equal(statSync(file).mode & 0o777, mode, 'it is left as it is');
  }
  const result = await runCastellan(['init', '--email', 'boss@example.com'], {
    CASTELLAN_DATA: folder,
  });
  t.equal(result.code, 1);
  t.equal(result.stdout, '');
  t.equal(result.stderr.trim().split('\n').length, 1, result.stderr);
  t.ok(result.stderr.startsWith(`${file} `), result.stderr);
  t.match(result.stderr, `chmod 600 ${file}`);
  t.notMatch(result.stderr, 'hush');
  chmodSync(file, 0o600);
  t.match(await withSecrets({}, folder, ['CASTELLAN_PEPPER']), { CASTELLAN_PEPPER: 'hush' });
});

t.test('what is for everybody keeps its mode', async (t) => {
  const output = path.join(t.testdir(), 'supergraph.graphql');
  for (const mode of [0o644, 0o664]) {
    const result = await runCastellan(['compose', '--output', output]);
    t.equal(result.code, 0, result.stderr);
    t.equal(statSync(output).mode & 0o777, mode);
    writeFileSync(output, '');
    chmodSync(output, 0o664);
  }
});
