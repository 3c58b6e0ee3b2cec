import { codeIn, createAuthClient, sessionIn } from '../support/auth-client.ts';
import { startMailServer } from '../support/mail-server.ts';
import { PASSWORD, startIdentity } from '../support/running-identity.ts';
import { onEachStore } from '../support/stores.ts';

const NEW = 'a new and quite different one';

onEachStore('the same rules hold wherever a password is chosen', async (t, store) => {
  const mail = await startMailServer(t);
  const identity = await startIdentity(t, store, {
    environment: mail.environment,
    passwords: undefined,
  });
  const { session } = await identity.signUp('grace.hopper@example.com');
  const client = createAuthClient(identity);
  client.cookies.set('castellan.session_token', encodeURIComponent(session));
  await client.post('/request-password-reset', { email: 'grace.hopper@example.com' });
  await identity.idle();
  const token = mail.tokenFor('grace.hopper@example.com');
  const up = { name: 'Grace', email: 'grace.hopper@example.net' };
  for (const password of [
    'x9!'.repeat(4),
    'passwordpassword',
    'grace.hopper1234',
    'Castellan Castellan',
    'z'.repeat(300),
  ]) {
    for (const [path, payload] of [
      ['/sign-up/email', { ...up, password }],
      ['/reset-password', { token, newPassword: password }],
      ['/change-password', { currentPassword: PASSWORD, newPassword: password }],
    ] as const) {
      const answer = await client.post(path, payload);
      t.equal(answer.status, 400, `${path} ${password}`);
      t.equal(codeIn(answer), 'BAD_USER_INPUT');
      identity.clock.advance(600_000);
    }
  }
  const reset = await client.post('/reset-password', { token, newPassword: NEW });
  t.equal(reset.status, 200, 'what was refused did not use up the token');
});

onEachStore('two forms of the same characters are one password', async (t, store) => {
  const identity = await startIdentity(t, store, { passwords: undefined });
  const client = createAuthClient(identity);
  const password = 'ein schönes Café ﬁnden wir';
  const email = 'ada@example.com';
  const up = await client.post('/sign-up/email', {
    name: 'Ada',
    email,
    password: password.normalize('NFC'),
  });
  t.equal(up.status, 200);
  for (const form of ['NFD', 'NFKC', 'NFKD'] as const) {
    const answer = await client.post('/sign-in/email', {
      email,
      password: password.normalize(form),
    });
    t.equal(answer.status, 200, form);
  }
});

onEachStore('a reset works once, for a while, and ends all sessions', async (t, store) => {
  const mail = await startMailServer(t);
  const identity = await startIdentity(t, store, {
    environment: mail.environment,
    passwords: undefined,
  });
  const email = 'ada@example.com';
  const { caller, session } = await identity.signUp(email);
  const { key } = await identity.createKey(caller);
  const client = createAuthClient(identity);
  const request = await client.post('/request-password-reset', {
    email,
    redirectTo: 'https://evil.example/',
  });
  t.equal(request.status, 200);
  await identity.idle();
  const sent = mail.received.at(-1);
  t.match(sent?.subject, /a new password/);
  t.notMatch(sent?.source, /evil\.example/, 'nothing that a request says is in a mail');
  const token = mail.tokenFor(email);
  const wrong = await client.post('/reset-password', { token: `${token}x`, newPassword: NEW });
  t.strictSame([wrong.status, codeIn(wrong)], [400, 'INVALID_TOKEN']);
  const reset = await client.post('/reset-password', { token, newPassword: NEW });
  t.equal(reset.status, 200);
  t.strictSame(reset.setCookies, [], 'it signs nobody in');
  t.match(await identity.identity.resolve({ kind: 'session', text: session }), { active: false });
  t.match(await identity.identity.resolve({ kind: 'key', text: key }), { active: true });
  const again = await client.post('/reset-password', { token, newPassword: PASSWORD });
  t.strictSame([again.status, codeIn(again)], [400, 'INVALID_TOKEN']);
  t.equal((await client.post('/sign-in/email', { email, password: PASSWORD })).status, 401);
  t.equal((await client.post('/sign-in/email', { email, password: NEW })).status, 200);
  await identity.idle();
  t.match(mail.received.at(-1)?.subject, /your password was reset/);
  const actions = await identity.tables
    .selectFrom('identity_log')
    .select(['action', 'actor_kind'])
    .where('action', '=', 'user.password_changed')
    .execute();
  t.same(actions, [{ action: 'user.password_changed', actor_kind: 'anonymous' }]);

  await client.post('/request-password-reset', { email });
  await identity.idle();
  const late = mail.tokenFor(email);
  await identity.tables
    .$extendTables<{ verification: { expiresAt: string } }>()
    .updateTable('verification')
    .set({ expiresAt: new Date(Date.now() - 1_000).toISOString() })
    .execute();
  const tooLate = await client.post('/reset-password', { token: late, newPassword: PASSWORD });
  t.strictSame([tooLate.status, codeIn(tooLate)], [400, 'INVALID_TOKEN']);
});

onEachStore('of two who use a reset at once one does', async (t, store) => {
  const mail = await startMailServer(t);
  const identity = await startIdentity(t, store, {
    environment: mail.environment,
    passwords: undefined,
  });
  const email = 'ada@example.com';
  await identity.signUp(email);
  const client = createAuthClient(identity);
  await client.post('/request-password-reset', { email });
  await identity.idle();
  const token = mail.tokenFor(email);
  const answers = await Promise.all(
    [NEW, `${NEW}, again`].map((newPassword) =>
      client.post('/reset-password', { token, newPassword }),
    ),
  );
  t.strictSame(answers.map(({ status }) => status).sort(), [200, 400]);
});

onEachStore(
  'changing a password needs the old one, and ends the other sessions',
  async (t, store) => {
    const mail = await startMailServer(t);
    const identity = await startIdentity(t, store, {
      environment: mail.environment,
      passwords: undefined,
    });
    const email = 'ada@example.com';
    const other = await identity.signUp(email);
    const client = createAuthClient(identity);
    const change = (currentPassword: string) =>
      client.post('/change-password', {
        currentPassword,
        newPassword: NEW,
        revokeOtherSessions: false,
      });
    t.equal((await change(PASSWORD)).status, 401, 'nobody is signed in');
    await client.post('/sign-in/email', { email, password: PASSWORD });
    const before = sessionIn(client);
    const wrong = await change('not the password at all');
    t.strictSame([wrong.status, codeIn(wrong)], [400, 'INVALID_PASSWORD']);
    const changed = await change(PASSWORD);
    t.equal(changed.status, 200);
    t.equal(changed.body.token, sessionIn(client), 'what is told is what Bearer takes');
    const isActive = async (text: string) =>
      (await identity.identity.resolve({ kind: 'session', text })).active;
    t.strictSame(
      [await isActive(other.session), await isActive(before), await isActive(sessionIn(client))],
      [false, false, true],
    );
    await identity.idle();
    t.match(mail.received.at(-1), { to: [email], subject: /your password was changed/ });
    // Whoever found a session cannot guess at the password with it.
    for (let count = 0; count < 5; count += 1) await change('not the password at all');
    const slowed = await change(NEW);
    t.strictSame([slowed.status, codeIn(slowed)], [429, 'RATE_LIMITED']);
  },
);

onEachStore('no answer shows the token of a session as it is stored', async (t, store) => {
  const identity = await startIdentity(t, store, { passwords: undefined });
  const client = createAuthClient(identity);
  const email = 'ada@example.com';
  const answers = [
    await client.post('/sign-up/email', { name: 'Ada', email, password: PASSWORD }),
    await client.post('/sign-in/email', { email, password: PASSWORD }),
  ];
  for (const { body } of answers) {
    const resolution = await identity.identity.resolve({ kind: 'session', text: `${body.token}` });
    t.match(resolution, { active: true });
  }
  answers.push(await client.get('/get-session'));
  t.match(answers.at(-1)?.body, { user: { email }, session: { userId: String } });
  const tokens = await identity.tables.selectFrom('session').select('token').execute();
  t.equal(tokens.length, 2);
  for (const { body, text } of answers) {
    const bare = text.replaceAll(JSON.stringify(body.token ?? 'none'), '');
    for (const { token } of tokens) t.notOk(bare.includes(token));
  }
});
