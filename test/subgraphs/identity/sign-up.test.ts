import type { Test } from 'tap';
import { defineIdentity } from '#subgraphs/identity/settings.ts';
import { codeIn, createAuthClient, sessionIn } from '../support/auth-client.ts';
import { startMailServer } from '../support/mail-server.ts';
import { PASSWORD, startIdentity } from '../support/running-identity.ts';
import { onEachStore, type Store } from '../support/stores.ts';

const ada = { name: 'Ada', email: 'ada@example.com', password: PASSWORD };

async function startVerifying(t: Test, store: Store, policy: 'open' | 'invited' = 'open') {
  const mail = await startMailServer(t);
  const settings = defineIdentity({ signUp: { policy, verifyEmail: true } });
  const { environment } = mail;
  const identity = await startIdentity(t, store, { settings, environment });
  return { mail, identity, client: createAuthClient(identity) };
}

onEachStore('where addresses are verified nobody comes in before', async (t, store) => {
  const { mail, identity, client } = await startVerifying(t, store);
  const up = await client.post('/sign-up/email', ada);
  t.strictSame([up.status, up.body, up.setCookies], [200, { token: null, user: null }, []]);
  const credentials = { email: ada.email, password: PASSWORD };
  const early = await client.post('/sign-in/email', credentials);
  t.strictSame([early.status, codeIn(early)], [403, 'EMAIL_NOT_VERIFIED']);
  t.strictSame(early.setCookies, []);
  await client.post('/send-verification-email', { email: ada.email });
  await identity.idle();
  t.equal(mail.received.length, 3, 'at sign-up, at the sign-in, and on request');
  const token = mail.tokenFor(ada.email);
  const wrong = await client.get(`/verify-email?token=${token.slice(0, -4)}AAAA`);
  t.equal(wrong.status, 401);
  // A link in a mail: the browser says that another site led here.
  const link = await client.get(`/verify-email?token=${token}`, { 'sec-fetch-site': 'cross-site' });
  t.equal(link.status, 200);
  t.equal((await client.post('/sign-in/email', credentials)).status, 200);
  t.match(await identity.identity.resolve({ kind: 'session', text: sessionIn(client) }), {
    active: true,
  });
});

onEachStore(
  'an answer to a sign-up does not tell whether there is an account',
  async (t, store) => {
    const { mail, identity, client } = await startVerifying(t, store);
    const first = await client.post('/sign-up/email', ada);
    const again = await client.post('/sign-up/email', { ...ada, email: 'ADA@example.com' });
    const other = await client.post('/sign-up/email', { ...ada, email: 'eve@example.com' });
    for (const answer of [again, other]) {
      t.equal(answer.status, first.status);
      t.equal(answer.text, first.text);
      t.strictSame(answer.setCookies, first.setCookies);
      t.strictSame(Object.keys(answer.headers).sort(), Object.keys(first.headers).sort());
    }
    await identity.idle();
    t.match(mail.received.map(({ to, subject }) => [to[0], subject]).sort(), [
      ['ada@example.com', /confirm your e-mail/],
      ['ada@example.com', /you have an account already/],
      ['eve@example.com', /confirm your e-mail/],
    ]);
    const people = await identity.tables.selectFrom('user').select('email').execute();
    t.equal(people.length, 2);
  },
);

onEachStore('no answer tells whether there is an account to reset or verify', async (t, store) => {
  const { mail, identity, client } = await startVerifying(t, store);
  await client.post('/sign-up/email', ada);
  await identity.idle();
  mail.received.length = 0;
  for (const path of ['/request-password-reset', '/send-verification-email']) {
    const known = await client.post(path, { email: ada.email });
    const unknown = await client.post(path, { email: 'nobody@example.com' });
    t.equal(known.status, 200);
    t.equal(unknown.status, known.status, path);
    t.equal(unknown.text, known.text);
    t.strictSame(unknown.setCookies, known.setCookies);
  }
  await identity.idle();
  t.strictSame(
    mail.received.map(({ to }) => to[0]),
    [ada.email, ada.email],
  );
  // Mail to one address is slowed, whether there is an account or not.
  for (const email of [ada.email, 'nobody@example.com']) {
    await client.post('/request-password-reset', { email });
    const more = await client.post('/request-password-reset', { email });
    t.strictSame([more.status, codeIn(more)], [429, 'RATE_LIMITED'], email);
  }
});

onEachStore('by invitation only whoever is invited gets an account', async (t, store) => {
  const { mail, identity, client } = await startVerifying(t, store, 'invited');
  const owner = await identity.makeOwner('owner@example.com');
  const organization = await identity.tables
    .selectFrom('organization')
    .select('id')
    .executeTakeFirstOrThrow();
  const invite = (email: string, status: string, expiresAt: number) =>
    identity.tables
      .$extendTables<{ invitation: Record<string, unknown> }>()
      .insertInto('invitation')
      .values({
        id: `invitation_${email}`,
        organizationId: organization.id,
        email,
        role: 'member',
        status,
        expiresAt: new Date(expiresAt).toISOString(),
        createdAt: new Date().toISOString(),
        inviterId: owner?.userId,
      })
      .execute();
  const later = identity.clock.now() + 60_000;
  await invite('ada@example.com', 'pending', later);
  await invite('late@example.com', 'pending', identity.clock.now() - 1);
  await invite('gone@example.com', 'canceled', later);
  const answers = [];
  for (const name of ['ada', 'late', 'gone', 'eve']) {
    answers.push(await client.post('/sign-up/email', { ...ada, email: `${name}@example.com` }));
  }
  for (const { status, text } of answers) t.strictSame([status, text], [200, answers[0]?.text]);
  await identity.idle();
  t.strictSame(
    mail.received.map(({ to }) => to[0]),
    ['ada@example.com'],
  );
  const people = await identity.tables
    .selectFrom('user')
    .select('email')
    .orderBy('email')
    .execute();
  t.strictSame(
    people.map(({ email }) => email),
    ['ada@example.com', 'owner@example.com'],
  );
});

onEachStore('without verification an uninvited sign-up is refused in words', async (t, store) => {
  const settings = defineIdentity({ signUp: { policy: 'invited' } });
  const identity = await startIdentity(t, store, { settings });
  const answer = await createAuthClient(identity).post('/sign-up/email', ada);
  t.strictSame([answer.status, codeIn(answer)], [403, 'FORBIDDEN']);
});

onEachStore('production lets nobody sign up unless it is told to', async (t, store) => {
  const identity = await startIdentity(t, store, { production: true });
  const client = createAuthClient(identity);
  const answer = await client.post('/sign-up/email', ada);
  t.strictSame([answer.status, codeIn(answer)], [403, 'FORBIDDEN']);
  for (const path of ['/request-password-reset', '/send-verification-email']) {
    const unsent = await client.post(path, { email: ada.email });
    t.strictSame([unsent.status, codeIn(unsent)], [503, 'MAIL_UNAVAILABLE'], path);
  }
  const owner = await identity.makeOwner('owner@example.com');
  const credentials = { email: owner?.email, password: owner?.password };
  t.equal((await client.post('/sign-in/email', credentials)).status, 200, 'the owner comes in');
  t.same(await identity.tables.selectFrom('user').select('email').execute(), [
    { email: 'owner@example.com' },
  ]);
});

onEachStore('an open door that cannot verify addresses stops the boot', async (t, store) => {
  for (const signUp of [{ policy: 'open' }, { policy: 'invited' }] as const) {
    const settings = defineIdentity({ signUp });
    await t.rejects(startIdentity(t, store, { production: true, settings }), {
      code: 'CONFIGURATION_INVALID',
      message: /CASTELLAN_SMTP_URL/,
    });
  }
});

onEachStore('the owner is made whoever has signed up before, once', async (t, store) => {
  const identity = await startIdentity(t, store);
  await identity.signUp('eve@example.com');
  const owner = await identity.makeOwner('owner@example.com');
  if (owner === null) throw new Error('there is no owner');
  await owner.confirm();
  const client = createAuthClient(identity);
  const { email, password } = owner;
  t.equal((await client.post('/sign-in/email', { email, password })).status, 200);
  t.equal(await identity.makeOwner('other@example.com'), null);
  t.equal(await identity.seedOwner(), null);
});

onEachStore(
  'an account that waits for the owner in ambush becomes theirs alone',
  async (t, store) => {
    const identity = await startIdentity(t, store);
    const { caller, session } = await identity.signUp('owner@example.com');
    const { key } = await identity.createKey(caller, { permissions: ['READ', 'ADMIN'] });
    await identity.tables
      .$extendTables<{ account: Record<string, unknown> }>()
      .insertInto('account')
      .values({
        id: 'account_of_a_provider',
        accountId: 'eve',
        providerId: 'elsewhere',
        userId: caller.subject,
        createdAt: new Date().toISOString(),
        updatedAt: new Date().toISOString(),
      })
      .execute();
    const owner = await identity.makeOwner('Owner@Example.com');
    t.equal(owner?.userId, caller.subject);
    t.match(await identity.identity.resolve({ kind: 'session', text: session }), { active: false });
    t.match(await identity.identity.resolve({ kind: 'key', text: key }), { active: false });
    const accounts = await identity.tables.selectFrom('account').select('providerId').execute();
    t.same(accounts, [{ providerId: 'credential' }]);
    const client = createAuthClient(identity);
    const old = await client.post('/sign-in/email', {
      email: 'owner@example.com',
      password: PASSWORD,
    });
    t.equal(old.status, 401);
  },
);
