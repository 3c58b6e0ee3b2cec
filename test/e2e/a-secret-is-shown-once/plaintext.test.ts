import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import pg from 'pg';
import t from 'tap';
import { onEachLocation } from '#test/subgraphs/support/stores.ts';
import { ask, bearer } from '#test/support/client.ts';
import { startWhole } from '#test/support/running-castellan.ts';

onEachLocation(
  'keys and passwords are nowhere but in the answer that shows them',
  async (t, location) => {
    const castellan = await startWhole(t, location, { LOG_LEVEL: 'trace' });
    const { url, facts, folder } = castellan;
    const ownerKey = facts.get('API key') ?? '';
    const [, password = ''] = (facts.get('Owner') ?? '').split('  ');
    const created = await ask(
      url,
      'mutation { createAPIKey(input: { name: "secret", permissions: [READ] }) { id key } }',
      bearer(ownerKey),
    );
    const { id, key } = (created.data as { createAPIKey: { id: string; key: string } })
      .createAPIKey;
    const secrets = [ownerKey, key, password];

    const later: string[] = [];
    const keep = async (answer: Promise<{ text: string }>): Promise<void> => {
      later.push((await answer).text);
    };
    await keep(ask(url, '{ viewer { id email name } }', bearer(key)));
    await keep(
      ask(
        url,
        `{ apiKey(id: "${id}") { id name prefix } apiKeys { edges { node { id name prefix } } } }`,
        bearer(ownerKey),
      ),
    );
    await keep(
      ask(
        url,
        `mutation { revokeAPIKey(id: "${id}") { id name prefix revokedAt } }`,
        bearer(ownerKey),
      ),
    );
    await keep(ask(url, '{ viewer { id } }', bearer(key)));
    await keep(ask(url, '{ viewer { id } }', { headers: { authorization: `Bearer ${key}x` } }));
    await keep(ask(url, '{ nope }', bearer(ownerKey)));
    const badSignIn = await fetch(`${url}/api/auth/sign-in/email`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ email: 'nobody@example.com', password }),
    });
    later.push(await badSignIn.text());
    await fetch(`${url}/graphql?query={viewer{id}}&token=${key}`);
    await castellan.processes[0]?.stop();

    const log = castellan
      .output()
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .join('\n');
    t.ok(log.includes('"level"'), 'there is a log to search');
    const stored = location.url === undefined ? filesIn(folder) : await dumpOf(location.url);
    for (const secret of secrets) {
      // The random part alone, whatever stands before it.
      const needle = secret.slice(-40);
      t.ok(needle.length > 20);
      t.notOk(
        later.some((text) => text.includes(needle)),
        'later answers',
      );
      t.notOk(log.includes(needle), 'log');
      t.notOk(stored.includes(needle), 'store');
    }
    t.ok(stored.includes(key.slice(0, 'cst_test_'.length + 4)), 'the display prefix is stored');
  },
);

function filesIn(folder: string): string {
  return readdirSync(folder, { recursive: true })
    .map((name) => path.join(folder, String(name)))
    .filter((file) => statSync(file).isFile())
    .map((file) => readFileSync(file, 'latin1'))
    .join('\n');
}

async function dumpOf(url: string): Promise<string> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<{ name: string }>(
      'select table_name as name from information_schema.tables where table_schema = current_schema()',
    );
    const parts: string[] = [];
    for (const { name } of rows) {
      parts.push(JSON.stringify((await client.query(`select * from "${name}"`)).rows));
    }
    return parts.join('\n');
  } finally {
    await client.end();
  }
}

t.jobs = 1;
