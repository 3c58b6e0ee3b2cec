import { createMailer, type Mail } from '#subgraphs/identity/mail/mailer.ts';
import { defineIdentity } from '#subgraphs/identity/settings.ts';
import { startIdentity } from '../../support/running-identity.ts';
import { onEachStore } from '../../support/stores.ts';
import { join, only } from '../keys/support.ts';
import { DAY_MS, signedUp } from './support.ts';

/** A mail server that can be away. */
function mailServer() {
  const server = {
    received: [] as Mail[],
    tries: 0,
    isAway: false,
    mailer: createMailer({
      transport: {
        async deliver(mail) {
          server.tries += 1;
          if (server.isAway) throw new Error('nobody answers');
          server.received.push(mail);
        },
        close: () => undefined,
      },
      logger: { warn: () => undefined, error: () => undefined },
    }),
  };
  return server;
}

const disabling = defineIdentity({ keyUsage: { disableUnusedDays: 30 } });

onEachStore('an owner is told once of each threshold before a key ends', async (t, store) => {
  const server = mailServer();
  const identity = await startIdentity(t, store, { mailer: server.mailer });
  const { caller } = await identity.signUp('ada@example.com');
  await identity.idle();
  server.received.length = 0;
  const ada = { ...caller, expiresAt: null };
  const one = await identity.createKey(ada, { name: 'ci', expiresIn: '10d' });
  const two = await identity.createKey(ada, { name: 'https://evil.example', expiresIn: '10d' });
  const revoked = await identity.createKey(ada, { name: 'old', expiresIn: '10d' });
  await identity.createKey(ada, { name: 'long', expiresIn: '1y' });
  const look = async (days: number) => {
    identity.clock.advance(days * DAY_MS);
    await Promise.all([identity.care.sweep(), identity.care.sweep()]);
    await Promise.all([identity.care.tellOwners(), identity.care.tellOwners()]);
    return server.received.splice(0);
  };
  t.same(await look(1), []);
  only(
    await identity.ask(ada, 'mutation ($id: ID!) { revokeAPIKey(id: $id) { id } }', {
      id: revoked.id,
    }),
  );
  const [mail, ...others] = await look(3);
  t.same(others, [], 'of all keys together');
  t.match(mail, { to: 'ada@example.com', kind: 'key-expiry', subject: /2 API keys end soon/ });
  t.match(mail?.text, new RegExp(`"ci" \\(cst_test_\\w+…, ${one.id}\\) ends at 20\\d\\d-`));
  t.match(mail?.text, /updateAPIKey/);
  t.match(mail?.text, two.id);
  t.notMatch(mail?.text, 'evil.example', 'a name is no link');
  for (const { key } of [one, two]) t.notOk(mail?.text.includes(key), 'never the key');
  t.notMatch(mail?.text, revoked.id);
  t.same(await look(1), [], 'once');
  t.match(await look(4.5), [{ kind: 'key-expiry' }], 'and at the next threshold');
  t.same(await look(5), [], 'nothing of what has ended');
  t.same(await identity.tables.selectFrom('key_notice').selectAll().execute(), []);
});

onEachStore('who governs is told of the keys of service accounts', async (t, store) => {
  const server = mailServer();
  const identity = await startIdentity(t, store, { mailer: server.mailer, settings: disabling });
  const owner = await signedUp(identity);
  const admin = await join(identity, await signedUp(identity), owner.organization, 'admin');
  const member = await join(identity, await signedUp(identity), owner.organization, 'member');
  const { id: serviceAccountId } = only(
    await identity.ask(owner, 'mutation { createServiceAccount(input: { name: "bot" }) { id } }'),
  ) as { id: string };
  const { id } = await identity.createKey(owner, { name: 'bot', serviceAccountId });
  await identity.createKey(member, { name: 'mine' });
  await identity.idle();
  server.received.length = 0;
  identity.clock.advance(31 * DAY_MS);
  t.match(await identity.care.sweep(), { disabled: 2 });
  t.equal(await identity.care.tellOwners(), 2);
  const emailOf = async (userId: string | null) =>
    (
      await identity.tables
        .selectFrom('user')
        .select('email')
        .where('id', '=', userId ?? '')
        .executeTakeFirstOrThrow()
    ).email;
  const told = server.received.map(({ to, subject }) => `${to} ${subject}`).sort();
  t.same(
    told,
    [
      `${await emailOf(owner.subject)} Castellan: the API key "bot" was disabled`,
      `${await emailOf(admin.subject)} Castellan: the API key "bot" was disabled`,
      `${await emailOf(member.subject)} Castellan: the API key "mine" was disabled`,
    ].sort(),
  );
  t.match(server.received.find(({ subject }) => subject.includes('bot'))?.text, id);
  t.equal(await identity.care.tellOwners(), 0);
});

onEachStore(
  'a mail that nobody takes stops nothing, and is tried a few times at later looks',
  async (t, store) => {
    const server = mailServer();
    const identity = await startIdentity(t, store, { mailer: server.mailer });
    const caller = await signedUp(identity);
    await identity.idle();
    server.tries = 0;
    await identity.createKey(caller, { expiresIn: '5d' });
    server.isAway = true;
    t.match(await identity.care.sweep(), { warned: 1 });
    t.equal(await identity.care.tellOwners(), 0);
    t.equal(await identity.care.tellOwners(), 0);
    t.equal(server.tries, 1, 'not at once');
    for (let look = 0; look < 10; look += 1) {
      identity.clock.advance(3_600_000);
      await identity.care.sweep();
      await identity.care.tellOwners();
    }
    t.equal(server.tries, 5, 'not for ever');
    server.isAway = false;
    const other = await identity.createKey(caller, { expiresIn: '5d' });
    await identity.care.sweep();
    server.isAway = true;
    await identity.care.tellOwners();
    server.isAway = false;
    identity.clock.advance(3_600_000);
    t.equal(await identity.care.tellOwners(), 1);
    t.match(server.received.at(-1)?.text, other.id);
  },
);

onEachStore('when the mail server is away not every owner is tried', async (t, store) => {
  const server = mailServer();
  const identity = await startIdentity(t, store, { mailer: server.mailer });
  for (let index = 0; index < 5; index += 1) {
    await identity.createKey(await signedUp(identity), { expiresIn: '5d' });
  }
  await identity.idle();
  await identity.care.sweep();
  Object.assign(server, { isAway: true, tries: 0 });
  await identity.care.tellOwners();
  t.equal(server.tries, 3);
  server.isAway = false;
  t.equal(await identity.care.tellOwners(), 2, 'the others were not tried');
  identity.clock.advance(3_600_000);
  t.equal(await identity.care.tellOwners(), 3);
});

onEachStore('a setting keeps owners from being told by mail', async (t, store) => {
  const server = mailServer();
  const settings = defineIdentity({ keyNotices: { mail: false } });
  const identity = await startIdentity(t, store, { mailer: server.mailer, settings });
  await identity.createKey(await signedUp(identity), { expiresIn: '5d' });
  await identity.idle();
  server.received.length = 0;
  t.match(await identity.care.sweep(), { warned: 1 });
  t.equal(await identity.care.tellOwners(), 0);
  t.same(server.received, []);
  t.same(await identity.tables.selectFrom('key_notice').selectAll().execute(), []);
});
