import { sql } from 'kysely';
import { CLAIMS_HEADER, CLIENT_ADDRESS_HEADER, REQUEST_ID_HEADER } from '#contract/claims.ts';
import type { IdentityEvent } from '#contract/identity.ts';
import { askSubgraph } from '../../support/ask-subgraph.ts';
import { startIdentity, type TestIdentity } from '../../support/running-identity.ts';
import { onEachStore } from '../../support/stores.ts';

const CREATE = 'mutation { createAPIKey(input: { name: "a" }) { id } }';

const rowsOf = ({ tables }: TestIdentity) =>
  tables.selectFrom('identity_log').selectAll().orderBy('sequence').execute();

onEachStore('a change is logged with who made it, from where and when', async (t, store) => {
  const identity = await startIdentity(t, store);
  const { caller } = await identity.signUp();
  const token = await identity.issuer.mint(caller, 'identity', identity.clock.now());
  const headers = {
    [CLAIMS_HEADER]: token,
    [REQUEST_ID_HEADER]: 'request-7',
    [CLIENT_ADDRESS_HEADER]: '203.0.113.9',
  };
  const { data } = await askSubgraph(identity.app, headers, CREATE);
  const created = data?.createAPIKey as { id: string } | undefined;
  t.match((await rowsOf(identity)).at(-1), {
    at: identity.clock.now(),
    action: 'key.created',
    touches: 'credential',
    touched_id: created?.id,
    subject_id: caller.subject,
    organization_id: caller.organization,
    actor_kind: 'session',
    actor_id: caller.subject,
    credential_id: caller.credentialId,
    address: '203.0.113.9',
    request_id: 'request-7',
  });
});

onEachStore('a sign-up and a sign-out are logged, and nothing secret of them', async (t, store) => {
  const identity = await startIdentity(t, store);
  const { session, caller } = await identity.signUp('ada@example.com');
  await identity.app.inject({
    method: 'POST',
    url: '/api/auth/sign-out',
    headers: { cookie: `castellan.session_token=${encodeURIComponent(session)}` },
    payload: {},
  });
  const rows = await rowsOf(identity);
  t.same(
    rows.map(({ action }) => action),
    [
      'user.created',
      'session.started',
      'organization.created',
      'member.added',
      'project.created',
      'environment.created',
      'session.ended',
    ],
  );
  t.match(rows.at(-1), { actor_kind: 'session', actor_id: caller.subject });
  const text = JSON.stringify(rows);
  t.notOk(text.includes(session.split('.')[0] ?? session));
});

onEachStore('a change that is made past identity is logged too, and told', async (t, store) => {
  const identity = await startIdentity(t, store);
  const { caller } = await identity.signUp();
  const { id } = await identity.createKey(caller);
  const heard: IdentityEvent[] = [];
  identity.identity.subscribe((event) => heard.push(event));
  await sql`update api_key set revoked_at = 1 where id = ${id}`.execute(store.database);
  t.match((await rowsOf(identity)).at(-1), {
    action: 'key.revoked',
    touched_id: id,
    actor_kind: 'unknown',
    actor_id: null,
  });
  await identity.createKey(caller);
  t.match(heard.at(0), { touches: 'credential', id });
});

onEachStore('what is rolled back is not logged', async (t, store) => {
  const identity = await startIdentity(t, store);
  const { caller } = await identity.signUp();
  const { id } = await identity.createKey(caller);
  const before = await rowsOf(identity);
  const failing = identity.tables.transaction().execute(async (transaction) => {
    await transaction.updateTable('api_key').set({ revoked_at: 1 }).where('id', '=', id).execute();
    throw new Error('not today');
  });
  await t.rejects(failing, { message: 'not today' });
  t.strictSame(await rowsOf(identity), before);
});

onEachStore('the log takes no update and no delete', async (t, store) => {
  const identity = await startIdentity(t, store);
  await identity.signUp();
  const before = await rowsOf(identity);
  t.ok(before.length > 0);
  for (const statement of [
    sql`update identity_log set actor_id = 'x'`,
    sql`delete from identity_log`,
    ...(store.dialect === 'postgres' ? [sql`truncate identity_log`] : []),
  ]) {
    await t.rejects(statement.execute(store.database), /takes no update and no delete/);
  }
  t.strictSame(await rowsOf(identity), before);
});

onEachStore('no context outlives its transaction', async (t, store) => {
  const identity = await startIdentity(t, store);
  const { caller } = await identity.signUp();
  await Promise.all(Array.from({ length: 5 }, () => identity.createKey(caller)));
  await sql`update api_key set revoked_at = 1`.execute(store.database);
  const revoked = (await rowsOf(identity)).filter(({ action }) => action === 'key.revoked');
  t.equal(revoked.length, 5);
  t.ok(revoked.every(({ actor_kind }) => actor_kind === 'unknown'));
});
