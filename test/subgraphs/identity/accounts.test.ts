import { anonymousCaller } from '#contract/caller.ts';
import { codeOf } from '../support/ask-subgraph.ts';
import { codeIn, createAuthClient, sessionIn } from '../support/auth-client.ts';
import { startMailServer } from '../support/mail-server.ts';
import { PASSWORD, startIdentity, type TestIdentity } from '../support/running-identity.ts';
import { onEachStore } from '../support/stores.ts';

const email = 'ada@example.com';
const deletion = 'mutation ($password: String) { deleteMyAccount(password: $password) }';

async function isActive({ identity }: TestIdentity, kind: 'key' | 'session', text: string) {
  return (await identity.resolve({ kind, text })).active;
}

onEachStore(
  'a new address has to be confirmed, by whoever knows the password',
  async (t, store) => {
    const mail = await startMailServer(t);
    const identity = await startIdentity(t, store, { environment: mail.environment });
    await identity.signUp('eve@example.com');
    const { caller, session } = await identity.signUp(email);
    const client = createAuthClient(identity);
    client.cookies.set('castellan.session_token', encodeURIComponent(session));
    const change = (newEmail: string, password?: string) =>
      client.post('/change-email', { newEmail, password });
    const emailOf = async () =>
      (
        await identity.tables
          .selectFrom('user')
          .select('email')
          .where('id', '=', caller.subject ?? '')
          .executeTakeFirst()
      )?.email;
    for (const password of [undefined, 'not the password at all']) {
      const refused = await change('new@example.com', password);
      t.strictSame([refused.status, codeIn(refused)], [403, 'FORBIDDEN']);
    }
    await identity.idle();
    mail.received.length = 0;
    const taken = await change('eve@example.com', PASSWORD);
    const free = await change('new@example.com', PASSWORD);
    t.strictSame(
      [taken.status, taken.text],
      [200, free.text],
      'it does not tell who has an account',
    );
    await identity.idle();
    t.strictSame(
      mail.received.map(({ to }) => to[0]).sort(),
      [email, email, 'new@example.com'],
      'who has the old address is told',
    );
    t.equal(await emailOf(), email, 'nothing has changed yet');
    t.equal(
      (await client.get(`/verify-email?token=${mail.tokenFor('new@example.com')}`)).status,
      200,
    );
    t.equal(await emailOf(), 'new@example.com');
    const log = await identity.tables
      .selectFrom('identity_log')
      .select(['action', 'detail'])
      .where('action', '=', 'user.email_changed')
      .execute();
    t.same(log, [{ action: 'user.email_changed', detail: '{}' }]);
  },
);

onEachStore('a new password calls off what was begun with the old one', async (t, store) => {
  const mail = await startMailServer(t);
  const identity = await startIdentity(t, store, { environment: mail.environment });
  const { session } = await identity.signUp(email);
  const thief = createAuthClient(identity, '203.0.113.1');
  thief.cookies.set('castellan.session_token', encodeURIComponent(session));
  const begin = async (client: typeof thief, password: string, newEmail: string) => {
    t.equal((await client.post('/change-email', { newEmail, password })).status, 200);
    await identity.idle();
    return mail.tokenFor(newEmail);
  };
  const stolen = await begin(thief, PASSWORD, 'thief@example.com');
  const owner = createAuthClient(identity);
  await owner.post('/request-password-reset', { email });
  await identity.idle();
  const [reset, newPassword] = [mail.tokenFor(email), 'quite another long password'];
  t.equal((await owner.post('/reset-password', { token: reset, newPassword })).status, 200);
  const late = await thief.get(`/verify-email?token=${stolen}`);
  t.strictSame([late.status, codeIn(late)], [401, 'UNAUTHENTICATED']);

  t.equal((await owner.post('/sign-in/email', { email, password: newPassword })).status, 200);
  const second = await begin(owner, newPassword, 'second@example.com');
  const change = { currentPassword: newPassword, newPassword: PASSWORD };
  t.equal((await owner.post('/change-password', change)).status, 200);
  t.equal((await owner.get(`/verify-email?token=${second}`)).status, 401);
  t.equal((await owner.post('/sign-in/email', { email, password: PASSWORD })).status, 200);
});

onEachStore('whoever deletes their account is gone with all that opened it', async (t, store) => {
  const identity = await startIdentity(t, store);
  const { caller, session } = await identity.signUp(email);
  const eve = await identity.signUp('eve@example.com');
  const { key, id } = await identity.createKey(caller);
  t.equal(codeOf(await identity.ask(anonymousCaller, deletion)), 'UNAUTHENTICATED');
  const byKey = await identity.createKey(caller, { permissions: ['READ', 'WRITE', 'ADMIN'] });
  t.equal(codeOf(await identity.ask(byKey.caller, deletion, { password: PASSWORD })), 'FORBIDDEN');
  for (const password of [undefined, 'not the password at all']) {
    t.equal(codeOf(await identity.ask(caller, deletion, { password })), 'FORBIDDEN');
  }
  t.equal(await isActive(identity, 'session', session), true);
  const { data } = await identity.ask(caller, deletion, { password: PASSWORD });
  t.strictSame(data, { deleteMyAccount: caller.subject });
  t.equal(await isActive(identity, 'session', session), false);
  t.equal(await isActive(identity, 'key', key), false);
  t.equal(await isActive(identity, 'session', eve.session), true);
  for (const table of ['user', 'session', 'account', 'organization', 'project'] as const) {
    const rows = await identity.tables.selectFrom(table).select('id').execute();
    t.equal(rows.length, 1, `${table}: eve's alone`);
  }
  const log = await identity.tables
    .selectFrom('identity_log')
    .select('action')
    .where('subject_id', '=', caller.subject)
    .execute();
  const actions = new Set(log.map(({ action }) => action));
  for (const action of ['user.created', 'key.created', 'session.ended', 'user.removed']) {
    t.ok(actions.has(action), `${action} stays on record`);
  }
  const records = await identity.tables.selectFrom('api_key').select('id').execute();
  t.ok(records.some((record) => record.id === id));
  const client = createAuthClient(identity);
  const again = await client.post('/sign-up/email', { name: 'Ada', email, password: PASSWORD });
  t.equal(again.status, 200, 'the address is free again');
  t.equal(await isActive(identity, 'key', key), false, 'and opens nothing that was');
});

onEachStore('guessing at a password by deletion is slowed as well', async (t, store) => {
  const identity = await startIdentity(t, store);
  const { caller } = await identity.signUp(email);
  for (let count = 0; count < 5; count += 1) {
    t.equal(codeOf(await identity.ask(caller, deletion, { password: 'wrong' })), 'FORBIDDEN');
  }
  t.equal(codeOf(await identity.ask(caller, deletion, { password: PASSWORD })), 'RATE_LIMITED');
});

onEachStore('nobody leaves an organization without an owner behind', async (t, store) => {
  const identity = await startIdentity(t, store);
  const { caller } = await identity.signUp(email);
  const eve = await identity.signUp('eve@example.com');
  const createdAt = new Date().toISOString();
  const team = { id: 'org_team', name: 'Team', slug: 'team', createdAt };
  await identity.tables.insertInto('organization').values(team).execute();
  const join = (userId: string | null, role: string) =>
    identity.tables
      .insertInto('member')
      .values({
        id: `member_${userId}`,
        organizationId: team.id,
        userId: userId ?? '',
        role,
        createdAt,
      })
      .execute();
  await join(caller.subject, 'owner');
  await join(eve.caller.subject, 'admin');
  const refused = await identity.ask(caller, deletion, { password: PASSWORD });
  t.equal(codeOf(refused), 'BAD_USER_INPUT');
  t.match(refused.errors?.[0]?.message, /"Team"/);
  await identity.tables
    .updateTable('member')
    .set({ role: 'owner' })
    .where('userId', '=', eve.caller.subject)
    .execute();
  const { data } = await identity.ask(caller, deletion, { password: PASSWORD });
  t.strictSame(data, { deleteMyAccount: caller.subject });
});

onEachStore('a suspended person can do nothing until they are restored', async (t, store) => {
  const identity = await startIdentity(t, store);
  const { caller, session } = await identity.signUp(email);
  const { key } = await identity.createKey(caller);
  const owner = await identity.makeOwner('owner@example.com');
  const client = createAuthClient(identity);
  await client.post('/sign-in/email', { email: owner?.email, password: owner?.password });
  const resolution = await identity.identity.resolve({ kind: 'session', text: sessionIn(client) });
  if (!resolution.active) throw new Error('the owner is not active');
  const run = (as: typeof caller, field: string, id: unknown) =>
    identity.ask(as, `mutation ($id: ID!) { ${field}(id: $id) { id } }`, { id });

  for (const field of ['suspendUser', 'restoreUser']) {
    t.equal(codeOf(await run(anonymousCaller, field, caller.subject)), 'UNAUTHENTICATED');
    for (const id of [caller.subject, owner?.userId, 'user_unknown']) {
      t.equal(codeOf(await run(caller, field, id)), 'FORBIDDEN', `${field} ${id}`);
    }
    t.equal(codeOf(await run(resolution.caller, field, 'user_unknown')), 'NOT_FOUND');
  }
  t.equal(codeOf(await run(resolution.caller, 'suspendUser', owner?.userId)), 'BAD_USER_INPUT');
  const key2 = await identity.identity.resolve({ kind: 'key', text: owner?.apiKey ?? '' });
  if (!key2.active) throw new Error('the key is not active');
  t.equal(codeOf(await run(key2.caller, 'suspendUser', caller.subject)), 'FORBIDDEN');

  t.equal((await run(resolution.caller, 'suspendUser', caller.subject)).errors, undefined);
  t.strictSame(
    [await isActive(identity, 'session', session), await isActive(identity, 'key', key)],
    [false, false],
  );
  const still = await identity.ask(caller, 'mutation { endAllSessions }');
  t.equal(codeOf(still), 'UNAUTHENTICATED', 'claims from before change nothing');
  const browser = createAuthClient(identity);
  const signIn = await browser.post('/sign-in/email', { email, password: PASSWORD });
  t.strictSame([signIn.status, codeIn(signIn)], [403, 'FORBIDDEN']);
  t.equal(sessionIn(browser), '');
  t.equal((await run(resolution.caller, 'restoreUser', caller.subject)).errors, undefined);
  t.equal((await browser.post('/sign-in/email', { email, password: PASSWORD })).status, 200);
  t.equal(await isActive(identity, 'key', key), true);
  const log = await identity.tables
    .selectFrom('identity_log')
    .select(['action', 'actor_id'])
    .where('action', 'in', ['user.suspended', 'user.restored'])
    .orderBy('sequence')
    .execute();
  t.same(log, [
    { action: 'user.suspended', actor_id: owner?.userId },
    { action: 'user.restored', actor_id: owner?.userId },
  ]);
});
