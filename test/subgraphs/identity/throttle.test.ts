import t from 'tap';
import { identityDatabase } from '#subgraphs/identity/database/tables.ts';
import { createThrottle } from '#subgraphs/identity/sessions/throttle.ts';
import {
  networkOf,
  type ThrottleRule,
  waitAfter,
} from '#subgraphs/identity/sessions/throttle-rules.ts';
import { codeIn, createAuthClient, sessionIn } from '../support/auth-client.ts';
import { PASSWORD, startIdentity } from '../support/running-identity.ts';
import { onEachStore } from '../support/stores.ts';
import { createTestClock } from '../support/test-clock.ts';

const WRONG = 'not the password at all';
const rule: ThrottleRule = { free: 2, firstWait: 1_000, longestWait: 5_000, forgetAfter: 60_000 };

t.test('a wait doubles up to the longest one', async (t) => {
  const waits = [1, 2, 3, 4, 5, 6, 1_000_000].map((count) => waitAfter(count, rule));
  t.strictSame(waits, [0, 1_000, 2_000, 4_000, 5_000, 5_000, 5_000]);
});

t.test('a network is an IPv4 address, or what one customer has of IPv6', async (t) => {
  for (const [address, network] of [
    ['203.0.113.9', '203.0.113.9'],
    ['::ffff:203.0.113.9', '203.0.113.9'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
    ['2001:0DB8:0001:0002::6', '2001:db8:1:2'],
    ['2001:db8::1', '2001:db8:0:0'],
    ['fe80::1%eth0', 'fe80:0:0:0'],
    ['::1', '0:0:0:0'],
    ['', ''],
  ] as const) {
    t.equal(networkOf(address), network, address);
  }
});

onEachStore('of many tries at once no more than the free ones get through', async (t, store) => {
  const { tables, clock } = await startIdentity(t, store);
  const throttle = createThrottle({ database: tables, dialect: store.dialect, clock, secret: 's' });
  const tried = [
    { what: 'a', rule },
    { what: 'b', rule: { ...rule, free: 100 } },
  ];
  const begun = await Promise.allSettled(Array.from({ length: 12 }, () => throttle.begin(tried)));
  t.equal(begun.filter(({ status }) => status === 'fulfilled').length, 2);
  for (const each of begun) {
    if (each.status === 'fulfilled') continue;
    t.match(each.reason, { code: 'RATE_LIMITED', extensions: { retryAfter: 1 } });
  }
  const rows = await tables.selectFrom('throttle').selectAll().execute();
  t.strictSame(
    rows.map(({ count }) => count),
    [2, 2],
    'what was refused counts nowhere',
  );
  t.notMatch(JSON.stringify(rows), /"key":"[ab]"/);
});

onEachStore('what was tried is forgotten, and cleared away', async (t, store) => {
  const database = identityDatabase(store.database);
  await startIdentity(t, store);
  const clock = createTestClock();
  const throttle = createThrottle({ database, dialect: store.dialect, clock, secret: 's' });
  await throttle.begin([{ what: 'a', rule }]);
  await throttle.begin([{ what: 'a', rule }]);
  await t.rejects(throttle.begin([{ what: 'a', rule }]), { code: 'RATE_LIMITED' });
  clock.advance(1_000);
  await throttle.begin([{ what: 'a', rule }]);
  clock.advance(1_999);
  await t.rejects(throttle.begin([{ what: 'a', rule }]), { code: 'RATE_LIMITED' });
  clock.advance(60_001);
  await throttle.begin([{ what: 'a', rule }]);
  await throttle.begin([{ what: 'a', rule }]);
  await t.rejects(throttle.begin([{ what: 'a', rule }]), { code: 'RATE_LIMITED' });
  await throttle.end([{ what: 'a', rule, outcome: 'forget when right' }], false);
  await t.rejects(throttle.begin([{ what: 'a', rule }]), { code: 'RATE_LIMITED' });
  await throttle.end([{ what: 'a', rule, outcome: 'forget when right' }], true);
  await throttle.begin([{ what: 'a', rule }]);
  await throttle.end([{ what: 'a', rule, outcome: 'take back when refused' }], false);
  await throttle.begin([{ what: 'a', rule }]);
  await throttle.begin([{ what: 'a', rule }]);
  await t.rejects(throttle.begin([{ what: 'a', rule }]), { code: 'RATE_LIMITED' });
  clock.advance(120_000);
  await throttle.begin([{ what: 'b', rule }]);
  t.equal((await database.selectFrom('throttle').select('key').execute()).length, 1);
});

onEachStore(
  'guessing at a password is slowed, the same for accounts that are none',
  async (t, store) => {
    const identity = await startIdentity(t, store);
    await identity.signUp('ada@example.com');
    for (const email of ['ada@example.com', 'nobody@example.com']) {
      const statuses: unknown[] = [];
      for (let host = 1; host <= 7; host += 1) {
        const client = createAuthClient(identity, `203.0.113.${host}`);
        const answer = await client.post('/sign-in/email', { email, password: WRONG });
        statuses.push([answer.status, answer.headers['retry-after'], codeIn(answer)]);
      }
      const wrong = [401, undefined, 'INVALID_EMAIL_OR_PASSWORD'];
      const slow = [429, '1', 'RATE_LIMITED'];
      t.strictSame(statuses, [wrong, wrong, wrong, wrong, wrong, slow, slow], email);
    }
    const stranger = createAuthClient(identity, '203.0.113.99');
    const right = { email: 'ADA@example.com', password: PASSWORD };
    t.equal((await stranger.post('/sign-in/email', right)).status, 429, 'the right one, too');
    identity.clock.advance(1_000);
    t.equal((await stranger.post('/sign-in/email', right)).status, 200, 'never for good');
    t.equal((await stranger.post('/sign-in/email', right)).status, 200, 'and all is forgiven');
  },
);

onEachStore('nobody is kept out where they have signed in before', async (t, store) => {
  const identity = await startIdentity(t, store);
  await identity.signUp('ada@example.com');
  const home = createAuthClient(identity, '192.0.2.1');
  const right = { email: 'ada@example.com', password: PASSWORD };
  const first = await home.post('/sign-in/email', right);
  t.match(
    first.setCookies.join('\n'),
    /castellan\.device=[\w.-]+; Max-Age=31536000; Path=\/; HttpOnly; SameSite=Lax/,
  );
  const attacker = createAuthClient(identity, '203.0.113.1');
  const attack = () => attacker.post('/sign-in/email', { ...right, password: WRONG });
  for (let count = 0; count < 6; count += 1) await attack();
  t.equal((await attack()).status, 429);
  home.cookies.delete('castellan.session_token');
  t.equal((await home.post('/sign-in/email', right)).status, 200);
  t.not(sessionIn(home), '');
  // The browser has its own count, and what it knows is of one account.
  for (let count = 0; count < 5; count += 1) {
    await home.post('/sign-in/email', { ...right, password: WRONG });
  }
  t.equal((await home.post('/sign-in/email', right)).status, 429);
  const device = home.cookies.get('castellan.device') ?? '';
  for (const forged of [device.replace(/^./, (c) => (c === 'a' ? 'b' : 'a')), 'x', `${device}x`]) {
    attacker.cookies.set('castellan.device', forged);
    t.equal((await attacker.post('/sign-in/email', right)).status, 429, forged);
  }
});

onEachStore("nobody guesses at an account on somebody else's count", async (t, store) => {
  const identity = await startIdentity(t, store);
  await identity.signUp('ada@example.com');
  await identity.signUp('eve@example.com');
  const eve = createAuthClient(identity, '203.0.113.1');
  const signIn = () => eve.post('/sign-in/email', { email: 'eve@example.com', password: PASSWORD });
  await signIn();
  t.ok(eve.cookies.has('castellan.device'), 'a browser that knows her own account');
  t.not(sessionIn(eve), '', 'in which she is signed in');
  const guess = { email: 'ada@example.com', password: WRONG };
  for (let count = 0; count < 5; count += 1) {
    t.equal((await eve.post('/sign-in/email', guess)).status, 401);
    t.equal((await signIn()).status, 200, 'by which her own tries are forgiven');
  }
  t.equal((await eve.post('/sign-in/email', guess)).status, 429);
});

onEachStore(
  'clients are told apart by where they are, and not by what they say',
  async (t, store) => {
    const secret = 'what-gateways-and-identity-share';
    const identity = await startIdentity(t, store, { secret });
    const attempt = async (address: string, headers: Record<string, string> = {}) => {
      const client = createAuthClient(identity, address);
      const payload = { token: 'no-token', newPassword: 'a fine new password, really' };
      return (await client.post('/reset-password', payload, headers)).status;
    };
    const lies = ['x-forwarded-for', 'castellan-client-address', 'x-real-ip', 'forwarded'];
    const statuses: number[] = [];
    for (const [index, name] of ['accept', 'via', ...lies].entries()) {
      statuses.push(await attempt('203.0.113.1', { [name]: `203.0.113.${100 + index}` }));
    }
    t.strictSame(statuses, [400, 400, 400, 400, 400, 429]);
    t.equal(await attempt('203.0.113.2'), 400, 'somebody else is not slowed');
    for (let client = 10; client < 17; client += 1) {
      const headers = {
        authorization: `Bearer ${secret}`,
        'castellan-client-address': `203.0.113.${client}`,
      };
      t.equal(
        await attempt('203.0.113.3', headers),
        400,
        'clients of one gateway are counted apart',
      );
    }
  },
);
