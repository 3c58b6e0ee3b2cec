import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { sql } from 'kysely';
import { openDatabase } from '#subgraphs/kit/index.ts';
import { onEachLocation, type StoreLocation } from '../subgraphs/support/stores.ts';

const run = promisify(execFile);
const main = resolve(import.meta.dirname, '../../cli/main.ts');

onEachLocation('the audit log is verified and exported by command', async (t, location) => {
  const folder = t.testdir({});
  const castellan = (...args: readonly string[]) => command(folder, location, args);
  t.match(await castellan('init', '--email', 'ada@example.com'), { code: 0 });

  const exported = await castellan('audit', 'export');
  const lines = exported.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  t.match(lines.at(-1), { action: 'key.created', details: [{ name: 'name', value: 'first key' }] });
  t.equal(new Set(lines.map(({ id }) => id)).size, lines.length);
  const until = await castellan('audit', 'export', '--to', '2020-01-01T00:00:00Z');
  t.equal(until.stdout, '');

  const verified = await castellan('audit', 'verify');
  t.match(verified, { code: 0, stdout: `Entries  ${lines.length}\nCheckpoints  1\n` });
  t.match(verified.stdout, /The log holds\n$/);
  const [, kept = ''] = /Last checkpoint {2}(\S+)/.exec(verified.stdout) ?? [];
  t.match(await castellan('audit', 'verify', '--kept', kept), { code: 0 });

  const database = await openDatabase(fileOf(folder, location));
  t.teardown(() => database.destroy());
  await sql
    .raw(
      location.dialect === 'sqlite'
        ? 'drop trigger identity_log_no_update'
        : 'drop trigger identity_log_append_only on identity_log',
    )
    .execute(database);
  await sql`update identity_log set actor_id = 'eve' where sequence = 2`.execute(database);
  const broken = await castellan('audit', 'verify', '--kept', kept.replace(/^\d+/, '3'));
  t.equal(broken.code, 1);
  t.match(broken.stdout, /Entry 2 {2}was changed/);
  t.match(broken.stdout, /Entry 3 {2}is the checkpoint that you kept, and is not in the log/);
  t.match(broken.stdout, /The log does NOT hold\n$/);

  t.match(await castellan('audit', 'verify', '--kept', 'x'), { code: 2, stderr: /--kept/ });
  t.match(await castellan('audit', 'export', '--from', 'x'), { code: 2, stderr: /--from/ });
  t.match(await castellan('audit'), { code: 2, stderr: /export/ });
});

function fileOf(folder: string, location: StoreLocation): StoreLocation {
  return { ...location, file: resolve(folder, 'castellan.db') };
}

async function command(folder: string, { url }: StoreLocation, args: readonly string[]) {
  const env = {
    ...process.env,
    CASTELLAN_DATA: folder,
    LOG_LEVEL: 'warn',
    DATABASE_URL: url ?? '',
  };
  try {
    const { stdout, stderr } = await run(process.execPath, [main, ...args], { env });
    return { code: 0, stdout, stderr };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { code, stdout, stderr };
  }
}
