import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Test } from 'tap';
import { identityDatabase } from '#subgraphs/identity/database/tables.ts';
import { openDatabase } from '#subgraphs/kit/index.ts';
import { onEachLocation, type StoreLocation } from '../subgraphs/support/stores.ts';
import type { CliOutcome } from './run-cli.ts';
import { runDispatch } from './run-dispatch.ts';

const EMAIL = 'ada@example.com';
const settings = new URL('../../subgraphs/identity/settings.ts', import.meta.url).href;

/** Runs commands on the store of a test, which has an owner and takes in keys that begin with `acme_`. */
async function start(t: Test, location: StoreLocation) {
  const folder = path.dirname(location.file);
  const config = path.join(folder, 'castellan.config.ts');
  await writeFile(
    config,
    `import { defineIdentity } from '${settings}';
     export const identity = defineIdentity({ keyImport: { prefixes: ['acme_'] }, keys: { maxPersonalKeys: 1000 } });`,
  );
  const env = {
    CASTELLAN_DATA: folder,
    LOG_LEVEL: 'error',
    ...(location.url && { DATABASE_URL: location.url }),
  };
  const piping =
    (stdin: readonly string[] | undefined) =>
    (...args: string[]): Promise<CliOutcome> =>
      runDispatch(args, folder, env, stdin);
  t.equal((await piping(undefined)('init', '--email', EMAIL)).code, 0);
  return { run: piping(undefined), piping, folder };
}

function json<T = Record<string, unknown>>({ stdout }: CliOutcome): T {
  return JSON.parse(stdout) as T;
}

const digest = (text: string) => createHash('sha256').update(text).digest('hex');
const FOREIGN = 'acme_0123456789abcdefghij';

onEachLocation(
  'keys of another system are taken in from a pipe and from a file, once',
  async (t, location) => {
    const { run, piping, folder } = await start(t, location);
    const lines = [
      JSON.stringify({ name: 'billing', hash: digest(FOREIGN), scopes: ['read:all'] }),
      '',
      JSON.stringify({
        name: 'ops',
        hash: digest(`${FOREIGN}2`),
        expiresAt: '2030-01-01T00:00:00Z',
      }),
      JSON.stringify({ name: 'bad', hash: 'nonsense' }),
    ].join('\n');
    const halves = [lines.slice(0, 50), lines.slice(50)];
    const args = ['keys', 'import', '--as', EMAIL, '--prefix', 'acme_'];
    const piped = await piping(halves)(...args);
    t.equal(piped.code, 1, 'one was refused');
    t.equal(piped.stdout, 'Imported  2\nThere already  0\nRefused  1\n');
    t.equal(
      piped.stderr,
      'castellan: keys import: line 4: "hash" is the SHA-256 of a key, as hex or base64 (BAD_USER_INPUT)\n',
    );
    const good = lines.split('\n').slice(0, 3).join('\n');
    await writeFile(path.join(folder, 'keys.jsonl'), good);
    const again = await run(...args, '--file', 'keys.jsonl', '--json');
    t.equal(again.code, 0, again.stderr);
    t.match(json(again), { imported: 0, known: 2, refused: 0, keys: [{ line: 1 }, { line: 3 }] });
    const { keys } = json<{ keys: { name: string; owner: string; expiresAt: string | null }[] }>(
      await run('keys', 'list', '--json'),
    );
    t.match(
      keys.filter(({ name }) => name === 'billing' || name === 'ops').map(({ owner }) => owner),
      [EMAIL, EMAIL],
    );
    t.equal(keys.find(({ name }) => name === 'ops')?.expiresAt, '2030-01-01T00:00:00.000Z');
  },
);

onEachLocation('more keys than one change takes are taken in too', async (t, location) => {
  const { piping } = await start(t, location);
  const lines = Array.from({ length: 101 }, (_, index) =>
    JSON.stringify({ name: `key ${index}`, hash: digest(`${FOREIGN}${index}`) }),
  );
  lines[100] = JSON.stringify({ name: '', hash: digest('other') });
  const args = ['keys', 'import', '--as', EMAIL, '--prefix', 'acme_'];
  const outcome = await piping([`${lines.join('\n')}\n`])(...args);
  t.equal(outcome.stdout, 'Imported  100\nThere already  0\nRefused  1\n');
  t.match(outcome.stderr, /^castellan: keys import: line 101: /);
});

onEachLocation('of a broken list of keys nothing is taken in', async (t, location) => {
  const { run, piping } = await start(t, location);
  const good = JSON.stringify({ name: 'good', hash: digest(FOREIGN) });
  const args = ['keys', 'import', '--as', EMAIL, '--prefix', 'acme_'];
  const cases: readonly (readonly [string, RegExp])[] = [
    ['not json', /line 2: a line is a JSON object/],
    ['[]', /line 2: a line is a JSON object/],
    ['{"name":"a"}', /line 2: "name" and "hash" have to be there/],
    ['{"name":"a","hash":1}', /line 2: "hash" is a text/],
    ['{"name":"a","hash":"b","key":"acme_secret"}', /line 2: its members are name, hash/],
    ['{"name":"a","hash":"b","permissions":["FLY"]}', /line 2: "permissions" is a list of READ/],
    ['{"name":"a","hash":"b","expiresAt":"soon"}', /line 2: "expiresAt" looks like/],
    [`{"name":"${'a'.repeat(70_000)}`, /line 2: the line is too long/],
  ];
  for (const [bad, message] of cases) {
    const outcome = await piping([`${good}\n${bad}`])(...args);
    t.equal(outcome.code, 1, bad.slice(0, 50));
    t.equal(outcome.stdout, '');
    t.match(outcome.stderr, message);
    t.notMatch(outcome.stderr, 'acme_secret');
  }
  t.match(await piping([''])(...args), { code: 1, stderr: /There are no keys/ });
  t.match(await run(...args, '--file', 'none.jsonl'), { code: 1, stderr: /cannot be read/ });
  t.match(await run(...args), { code: 2, stderr: /say --file FILE/ });
  t.match(await piping([good])('keys', 'import', '--as', EMAIL), { code: 2, stderr: /--prefix/ });
  t.match(await piping([good])(...args.slice(0, 4), '--prefix', 'other_'), {
    code: 1,
    stderr: /registered no such prefix.*BAD_USER_INPUT/,
  });
  const { keys } = json<{ keys: unknown[] }>(
    await run('keys', 'list', '--search', 'good', '--json'),
  );
  t.same(keys, []);
});

onEachLocation(
  'a key that is out of use is listed as such, and let in again by command',
  async (t, location) => {
    const { run } = await start(t, location);
    const ids: Record<string, string> = {};
    for (const name of ['unused', 'leaked', 'fine']) {
      ids[name] = String(json(await run('keys', 'create', name, '--as', EMAIL, '--json')).id);
    }
    const database = await openDatabase(location);
    for (const reason of ['unused', 'leaked'] as const) {
      await identityDatabase(database)
        .updateTable('api_key')
        .set({ disabled_at: Date.now(), disabled_reason: reason })
        .where('id', '=', ids[reason] ?? '')
        .execute();
    }
    await database.destroy();
    const listed = async (status: string) =>
      json<{ keys: { id: string }[] }>(await run('keys', 'list', '--status', status, '--json'))
        .keys;
    t.match(await listed('disabled'), [{ id: ids.unused }]);
    t.match(await listed('quarantined'), [{ id: ids.leaked }]);
    t.match(
      (await run('keys', 'show', ids.leaked ?? '')).stdout,
      /^Out of use {2}20\S+ {2}somebody/m,
    );
    for (const name of ['unused', 'leaked']) {
      t.match((await run('keys', 'release', ids[name] ?? '')).stdout, /^Status {2}active$/m);
      t.match(await run('keys', 'release', ids[name] ?? ''), {
        code: 1,
        stderr: /This API key is not quarantined \(BAD_USER_INPUT\)/,
      });
    }
    t.same(await listed('disabled'), []);
    t.same(await listed('quarantined'), []);
    t.match(await run('keys', 'release', 'key_none'), { code: 1, stderr: /NOT_FOUND/ });
  },
);

onEachLocation('what an organization asks of its keys is set by command', async (t, location) => {
  const { run } = await start(t, location);
  const mine = ['keys', 'policy', '--as', EMAIL];
  const before = json(await run(...mine, '--json'));
  t.match(before, { maxExpiresIn: null, allowNever: true, maxPersonalKeys: 1000 });
  const set = ['--max-expires', '1y', '--allow-never', 'no', '--max-personal-keys', '3'];
  t.match((await run(...mine, ...set)).stdout, /^At the latest after {2}1y$/m);
  const byId = ['keys', 'policy', '--organization', String(before.organizationId), '--json'];
  t.match(json(await run(...byId)), { maxExpiresIn: '1y', allowNever: false, maxPersonalKeys: 3 });
  t.match(await run('keys', 'create', 'a', '--as', EMAIL, '--expires', '2y'), {
    code: 1,
    stderr: /KEY_POLICY_VIOLATED/,
  });
  await run(...mine, '--max-expires', 'default', '--allow-never', 'default');
  t.match(json(await run(...byId)), { maxExpiresIn: null, allowNever: true, maxPersonalKeys: 3 });
  t.match(await run('keys', 'policy'), { code: 2, stderr: /say which/ });
  t.match(await run(...mine, '--allow-never', 'maybe'), { code: 2, stderr: /yes, no or default/ });
  t.match(await run(...mine, '--max-personal-keys', 'x'), { code: 2, stderr: /is a number/ });
  t.match(await run(...mine, '--max-personal-keys', '0'), { code: 1, stderr: /BAD_USER_INPUT/ });
  t.match(await run('keys', 'policy', '--organization', 'none'), { code: 1, stderr: /NOT_FOUND/ });
});

onEachLocation('service accounts are listed by command', async (t, location) => {
  const { run } = await start(t, location);
  t.equal((await run('service-accounts', 'list')).stdout, 'No service accounts\n');
  const made = json(await run('service-accounts', 'create', 'bot', '--as', EMAIL, '--json'));
  await run('service-accounts', 'create', 'other', '--as', EMAIL, '--json');
  await run('service-accounts', 'suspend', String(made.id));
  t.match(
    (await run('service-accounts', 'list')).stdout,
    new RegExp(`^${made.id} +suspended +member +${made.organizationId} +bot$`, 'm'),
  );
  const own = ['service-accounts', 'list', '--organization', String(made.organizationId), '--json'];
  t.match(json(await run(...own, '--limit', '1')), { hasMore: true, serviceAccounts: [{}] });
  t.match(json(await run(...own)), { hasMore: false, serviceAccounts: [{}, {}] });
  t.match(await run('service-accounts', 'list', '--organization', 'none'), {
    code: 1,
    stderr: /NOT_FOUND/,
  });
});
