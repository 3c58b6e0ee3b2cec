import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { sql } from 'kysely';
import { createAuthClient, sessionIn } from '../support/auth-client.ts';
import { startMailServer } from '../support/mail-server.ts';
import { PASSWORD, startIdentity, type TestIdentity } from '../support/running-identity.ts';
import { onEachStore, type Store } from '../support/stores.ts';
import { foreignKey, IMPORT, importing, PREFIX, reportLeaks, sha256 } from './key-care/support.ts';

onEachStore('no key, password or session signature is stored or logged', async (t, store) => {
  const secret = 'the-secret-of-the-gateways-of-this-test';
  const identity = await startIdentity(t, store, {
    secret,
    settings: importing,
    passwords: undefined,
  });
  const { caller, session } = await identity.signUp('ada@example.com');
  const made = await identity.createKey(caller, { permissions: ['READ', 'ADMIN'] });
  const child = await identity.createKey(made.caller);
  const use = async (path: string, payload: object) =>
    identity.app.inject({ method: 'POST', url: path, payload });
  await use('/api/auth/sign-in/email', { email: 'ada@example.com', password: PASSWORD });
  await use('/api/auth/sign-up/email', { name: 'A', email: 'ada@example.com', password: PASSWORD });
  await use('/api/auth/sign-in/email', { email: 'ada@example.com', password: `not ${PASSWORD}` });
  await identity.app.inject({
    method: 'POST',
    url: '/introspect',
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      authorization: `Bearer ${secret}`,
    },
    payload: `token=${made.key}`,
  });
  await identity.app.inject({ url: `/graphql?query={me{id}}%23${made.key}` });
  await identity.ask(caller, `mutation { revokeAPIKey(id: "${made.id}") { id } }`);
  const found = await identity.createKey(caller);
  const foreign = foreignKey();
  const input = { prefix: PREFIX, keys: [{ name: 'a', hash: sha256(foreign) }] };
  await identity.ask(caller, IMPORT, { input });
  await identity.ask(caller, IMPORT, {
    input: { prefix: PREFIX, keys: [{ name: 'a', hash: foreign }] },
  });
  await identity.identity.resolve({ kind: 'key', text: foreign });
  const place = { url: `https://git.example/${found.key}?${foreign}`, source: foreign };
  await reportLeaks(identity, [
    { token: found.key, ...place },
    { token: foreign, ...place, type: found.key },
  ]);
  await reportLeaks(identity, `[{"token":"${found.key}", ${foreign}`);
  const leaked = await identity.tables
    .selectFrom('identity_log')
    .select('action')
    .where('action', '=', 'key.leaked')
    .execute();
  t.equal(leaked.length, 2, 'there is something to look through');
  // Errors of the store carry statements; what they carry must not come out either.
  await identity.tables.schema.alterTable('api_key').renameTo('api_key_gone').execute();
  await t.rejects(identity.identity.resolve({ kind: 'key', text: child.key }));
  await identity.ask(caller, 'mutation { createAPIKey(input: { name: "a" }) { id } }');
  t.match(identity.logs(), /unexpected error/, 'there is something to look through');

  const stored = await everythingStored(identity, store);
  t.ok(stored.includes(made.id), 'the record is there to be found');
  const [, signature = ''] = session.split('.');
  const [, pepper = ''] = identity.pepper.split(':');
  const secrets = [made.key, child.key, found.key, PASSWORD, signature, pepper, secret];
  for (const text of [...secrets, foreign, `${PREFIX}----${sha256(foreign)}`]) {
    const hidden = text.slice('cst_test_'.length + 4);
    for (const form of [text, hidden, Buffer.from(text).toString('base64').slice(4, -4)]) {
      t.notOk(stored.includes(form), 'not in the store');
      t.notOk(identity.logs().includes(form), 'not in the log');
    }
  }
});

onEachStore('what opens an account by mail or by code is not stored as it is', async (t, store) => {
  const mail = await startMailServer(t);
  const identity = await startIdentity(t, store, {
    environment: mail.environment,
    passwords: undefined,
  });
  const email = 'ada@example.com';
  const client = createAuthClient(identity);
  await client.post('/sign-up/email', { name: 'Ada', email, password: PASSWORD });
  const enabled = await client.post('/two-factor/enable', { password: PASSWORD });
  const { totpURI, backupCodes } = enabled.body as { totpURI: string; backupCodes: string[] };
  await client.post('/request-password-reset', { email });
  await identity.idle();
  const reset = mail.tokenFor(email);
  const secret = new URL(totpURI).searchParams.get('secret') ?? '';
  const [token = ''] = sessionIn(client).split('.');
  const stored = await everythingStored(identity, store);
  t.ok(stored.includes(token), 'the bare token of a session is there, and opens nothing');
  for (const text of [token, `${token}.`, `${token}.${'A'.repeat(43)}=`]) {
    const { active } = await identity.identity.resolve({ kind: 'session', text });
    t.equal(active, false);
  }
  for (const text of [reset, secret, ...backupCodes, sessionIn(client)]) {
    t.ok(text.length > 8);
    t.notOk(stored.includes(text), 'not in the store');
    t.notOk(identity.logs().includes(text), 'not in the log');
  }
  t.notOk(identity.logs().includes(email), 'nor whose it is');
});

async function everythingStored(identity: TestIdentity, store: Store): Promise<string> {
  if (store.dialect === 'sqlite') {
    const folder = dirname(store.file);
    return readdirSync(folder)
      .map((name) => readFileSync(join(folder, name), 'latin1'))
      .join('\n');
  }
  const { rows } = await sql<{ name: string }>`
    select table_name as name from information_schema.tables where table_schema = current_schema()
  `.execute(identity.tables);
  const dumps = await Promise.all(
    rows.map(async ({ name }) =>
      JSON.stringify(await sql`select * from ${sql.table(name)}`.execute(identity.tables)),
    ),
  );
  return dumps.join('\n');
}
