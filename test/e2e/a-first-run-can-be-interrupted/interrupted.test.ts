import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { sql } from 'kysely';
import t, { type Test } from 'tap';
import { type Database, openDatabase } from '#subgraphs/kit/index.ts';
import { onEachLocation, type StoreLocation } from '#test/subgraphs/support/stores.ts';
import { ask, bearer } from '#test/support/client.ts';
import { startWhole } from '#test/support/running-castellan.ts';

const main = fileURLToPath(new URL('../../../cli/main.ts', import.meta.url));

/** Tables that a first run writes to, in this order. */
const moments = ['user', 'api_key', 'content_post'];

for (const moment of moments) {
  onEachLocation(
    `killed once there is a row in ${moment}, the next run greets with an owner`,
    async (t, location) => {
      const greeted = await killAt(t, location, moment);
      const { url, facts } = await startWhole(t, location);
      // A process that was quicker than its end has greeted; then the next one does not.
      const owner = facts.has('Owner') ? facts : greeted;
      await assertWorks(t, url, owner);
    },
  );
}

onEachLocation('of two first runs at once one greets with an owner', async (t, location) => {
  const both = await Promise.all([startWhole(t, location), startWhole(t, location)]);
  const owners = both.filter(({ facts }) => facts.has('Owner'));
  t.equal(owners.length, 1);
  for (const { url } of both) await assertWorks(t, url, owners[0]?.facts ?? new Map());
});

/** Runs `start` until a table has a row, and kills it then; answers what it had greeted with by then. */
async function killAt(
  t: Test,
  location: StoreLocation,
  table: string,
): Promise<ReadonlyMap<string, string>> {
  const database = await openDatabase(location);
  t.teardown(() => database.destroy());
  const child = spawn(process.execPath, [main, 'start'], {
    env: {
      PATH: process.env.PATH,
      PORT: '0',
      CASTELLAN_DATA: path.dirname(location.file),
      DATABASE_URL: location.url,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    output += chunk;
  });
  const closed = once(child, 'close');
  while (!(await hasRow(database, table))) {
    if (child.exitCode !== null) throw new Error('it ended by itself');
    // Often enough to come between two writes, seldom enough to leave it the machine.
    await wait(2);
  }
  child.kill('SIGKILL');
  await closed;
  return new Map(
    output
      .split('\n')
      .filter((line) => line.includes('  '))
      .map((line) => {
        const split = line.indexOf('  ');
        return [line.slice(0, split), line.slice(split + 2)];
      }),
  );
}

async function hasRow(database: Database, table: string): Promise<boolean> {
  try {
    const { rows } = await sql`select 1 from ${sql.id(table)} limit 1`.execute(database);
    return rows.length > 0;
  } catch (error) {
    if (error instanceof Error && /no such table|does not exist/.test(error.message)) return false;
    throw error;
  }
}

async function assertWorks(
  t: Test,
  url: string,
  facts: ReadonlyMap<string, string>,
): Promise<void> {
  const [email, password] = (facts.get('Owner') ?? '').split('  ');
  const signIn = await fetch(`${url}/api/auth/sign-in/email`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email, password }),
  });
  t.equal(signIn.status, 200, 'the owner signs in');
  const query = '{ viewer { email organizations { name } posts { title } } }';
  const { data } = await ask(url, query, bearer(facts.get('API key') ?? ''));
  t.match(
    data,
    { viewer: { email, organizations: [{ name: 'Personal' }], posts: [{ title: String }] } },
    'the key works, and the example posts are theirs',
  );
}

t.jobs = 1;
t.setTimeout(120_000);
