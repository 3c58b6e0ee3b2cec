import path from 'node:path';
import type { Test } from 'tap';
import { identityDatabase } from '#subgraphs/identity/database/tables.ts';
import { openDatabase } from '#subgraphs/kit/index.ts';
import { onEachLocation, type StoreLocation } from '../subgraphs/support/stores.ts';
import { type CliOutcome, runCli } from './run-cli.ts';
import { runDispatch } from './run-dispatch.ts';

const root = path.resolve(import.meta.dirname, '../..');
const EMAIL = 'ada@example.com';

/** Runs commands on the store of a test, which has an owner. */
async function start(t: Test, location: StoreLocation) {
  const folder = path.dirname(location.file);
  const env = {
    CASTELLAN_DATA: folder,
    LOG_LEVEL: 'error',
    ...(location.url && { DATABASE_URL: location.url }),
  };
  const run = (...args: string[]): Promise<CliOutcome> => runDispatch(args, root, env);
  t.equal((await run('init', '--email', EMAIL)).code, 0);
  return Object.assign(run, { asProcess: (...args: string[]) => runCli(args, root, env) });
}

function json<T = Record<string, unknown>>({ stdout }: CliOutcome): T {
  return JSON.parse(stdout) as T;
}

onEachLocation(
  'a key is made, shown, changed, rotated and revoked by command',
  async (t, location) => {
    const run = await start(t, location);
    const made = await run(
      'keys',
      'create',
      'CI',
      '--as',
      EMAIL,
      '--permissions',
      'read,write',
      '--expires',
      '30d',
    );
    t.equal(made.code, 0, made.stderr);
    t.match(
      made.stdout,
      /^API key {2}cst_test_[0-9A-Za-z]{49}\nId {2}key_\w+\nName {2}CI\nEnds {2}20/,
    );
    t.equal(made.stderr, '');
    const id = /^Id {2}(\S+)$/m.exec(made.stdout)?.[1] ?? '';
    const key = /^API key {2}(\S+)$/m.exec(made.stdout)?.[1] ?? '';

    const list = await run.asProcess('keys', 'list');
    t.match(list.stdout, new RegExp(`^${id} +active +full access +20\\S+ +${EMAIL} +CI$`, 'm'));
    t.match(json(await run('keys', 'list', '--search', 'CI', '--json')), {
      keys: [{ id, owner: EMAIL }],
    });

    const updated = await run(
      'keys',
      'update',
      id,
      '--name',
      'deploy',
      '--permissions',
      'read',
      '--networks',
      '10.0.0.1/8',
    );
    t.match(updated.stdout, /^Name {2}deploy$/m);
    t.match(updated.stdout, /^Networks {2}10\.0\.0\.0\/8$/m);
    const rotated = json(await run('keys', 'rotate', id, '--overlap', '1d', '--json'));
    t.match(rotated, { id, name: 'deploy', key: /^cst_test_/ });
    t.not(rotated.key, key);
    const shown = await run('keys', 'show', id, '--json');
    t.match(json(shown), { type: 'READ_ONLY', status: 'ACTIVE', previousTextWorksUntil: /^20/ });

    t.match((await run('keys', 'revoke', id)).stdout, /^Status {2}revoked$/m);
    t.strictSame(await run('keys', 'revoke', id), {
      code: 1,
      stdout: '',
      stderr: 'castellan: keys revoke: This API key has already been revoked (ALREADY_REVOKED)\n',
    });
    for (const { stdout } of [list, updated, shown]) {
      t.notOk(stdout.includes(key) || stdout.includes(String(rotated.key)));
    }

    const database = await openDatabase(location);
    const rows = await identityDatabase(database)
      .selectFrom('identity_log')
      .select(['action', 'actor_kind', 'actor_id'])
      .where('touched_id', '=', id)
      .orderBy('sequence')
      .execute();
    await database.destroy();
    t.same(
      rows,
      ['key.created', 'key.updated', 'key.rotated', 'key.revoked'].map((action) => ({
        action,
        actor_kind: 'system',
        actor_id: null,
      })),
    );
  },
);

onEachLocation(
  'an agent is made and stopped by command, and all of its keys',
  async (t, location) => {
    const run = await start(t, location);
    const { id } = json(await run('service-accounts', 'create', 'bot', '--as', EMAIL, '--json'));
    const made = json(await run('keys', 'create', 'a', '--service-account', String(id), '--json'));
    t.match(json(await run('keys', 'list', '--service-account', String(id), '--json')), {
      keys: [{ id: made.id, owner: 'bot (service account)' }],
    });
    t.match((await run('service-accounts', 'suspend', String(id))).stdout, /^Suspended {2}20/m);
    t.match((await run('service-accounts', 'resume', String(id))).stdout, /^Suspended {2}no$/m);
    t.same(json(await run('keys', 'revoke-all', '--service-account', String(id), '--json')), {
      count: 1,
    });
    t.match((await run('service-accounts', 'remove', String(id))).stdout, /^Revoked keys {2}0$/m);
    t.equal((await run('keys', 'revoke-all', '--owner', EMAIL)).stdout, 'Revoked  1\n');
  },
);

onEachLocation(
  'a wrong command is refused in one line, and changes nothing',
  async (t, location) => {
    const run = await start(t, location);
    const before = (await run('keys', 'list', '--json')).stdout;
    const cases: readonly (readonly [string[], number, RegExp])[] = [
      [['keys', 'show', 'key_none'], 1, /There is no API key "key_none" \(NOT_FOUND\)/],
      [['keys', 'rotate', 'key_none'], 1, /\(NOT_FOUND\)/],
      [['keys', 'rotate'], 2, /keys rotate: ID is missing/],
      [['keys', 'rotate', 'a', 'b'], 2, /unexpected argument b/],
      [['keys', 'create', 'a'], 2, /say whose key it is/],
      [['keys', 'create', 'a', '--as', 'nobody@example.com'], 1, /Nobody has this .*\(NOT_FOUND\)/],
      [['keys', 'create', 'a', '--as', EMAIL, '--permissions', 'fly'], 2, /"fly" is none of/],
      [['keys', 'create', 'a', '--as', EMAIL, '--expires', 'soon'], 1, /\(BAD_USER_INPUT\)/],
      [['keys', 'create', 'a', '--as', EMAIL, '--expires', '2030-13-01'], 2, /a moment looks like/],
      [['keys', 'list', '--limit', '0'], 2, /--limit is from 1/],
      [['keys', 'list', '--status', 'dead'], 2, /--status is/],
      [['keys', 'lst'], 2, /keys lst is not a command; did you mean list\?/],
    ];
    const outcomes = await Promise.all(cases.map(([args]) => run(...args)));
    for (const [index, [args, code, message]] of cases.entries()) {
      const outcome = outcomes[index];
      t.equal(outcome?.code, code, args.join(' '));
      t.equal(outcome?.stdout, '', args.join(' '));
      t.match(outcome?.stderr, message, args.join(' '));
      t.match(outcome?.stderr, /^[^\n]+\n$/, 'one line');
    }
    t.equal((await run('keys', 'list', '--json')).stdout, before);
  },
);
