import { createHmac } from 'node:crypto';
import type { Test } from 'tap';
import { defineIdentity } from '#subgraphs/identity/settings.ts';
import { type AuthClient, codeIn, createAuthClient, sessionIn } from '../support/auth-client.ts';
import { PASSWORD, startIdentity, type TestIdentity } from '../support/running-identity.ts';
import { onEachStore, type Store } from '../support/stores.ts';

const email = 'ada@example.com';
const credentials = { email, password: PASSWORD };

/** RFC 6238 with SHA-1, six digits and 30 seconds, `drift` periods from now. */
function codeOf(secret: string, drift = 0): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000) + drift));
  const mac = createHmac('sha1', fromBase32(secret)).update(counter).digest();
  const offset = (mac.at(-1) ?? 0) & 15;
  const number = mac.readUInt32BE(offset) & 0x7f_ff_ff_ff;
  return String(number % 1_000_000).padStart(6, '0');
}

function fromBase32(text: string): Buffer {
  const bits = [...text].map((c) =>
    'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(c).toString(2).padStart(5, '0'),
  );
  const bytes = bits.join('').match(/.{8}/g) ?? [];
  return Buffer.from(bytes.map((byte) => Number.parseInt(byte, 2)));
}

interface Enrolled {
  readonly identity: TestIdentity;
  readonly client: AuthClient;
  readonly secret: string;
  readonly backupCodes: readonly string[];
  /** What begins a sign-in in another browser. */
  challenge(): Promise<AuthClient>;
}

/** Somebody with an authenticator app, who has used the code of the period before. */
async function enroll(t: Test, store: Store, settings = defineIdentity()): Promise<Enrolled> {
  const identity = await startIdentity(t, store, { settings });
  const client = createAuthClient(identity);
  await client.post('/sign-up/email', { name: 'Ada', ...credentials });
  const enabled = await client.post('/two-factor/enable', { password: PASSWORD });
  t.equal(enabled.status, 200);
  const { totpURI, backupCodes } = enabled.body as { totpURI: string; backupCodes: string[] };
  const secret = new URL(totpURI).searchParams.get('secret') ?? '';
  t.match(new URL(totpURI).searchParams.get('issuer'), 'Castellan');
  const verified = await client.post('/two-factor/verify-totp', { code: codeOf(secret, -1) });
  t.equal(verified.status, 200);
  return {
    identity,
    client,
    secret,
    backupCodes,
    async challenge() {
      const browser = createAuthClient(identity, '203.0.113.5');
      const answer = await browser.post('/sign-in/email', credentials);
      t.strictSame(answer.body, { twoFactorRedirect: true, twoFactorMethods: ['totp'] });
      t.equal(sessionIn(browser), '', 'there is no session before the second factor');
      return browser;
    },
  };
}

onEachStore('with a second factor a password alone opens nothing', async (t, store) => {
  const { identity, client, secret, challenge } = await enroll(t, store);
  t.equal((await identity.tables.selectFrom('session').select('id').execute()).length, 1);
  const browser = await challenge();
  t.equal((await identity.tables.selectFrom('session').select('id').execute()).length, 1);
  t.equal((await browser.get('/get-session')).text, 'null');
  t.equal((await browser.post('/two-factor/disable', { password: PASSWORD })).status, 401);
  const wrong = await browser.post('/two-factor/verify-totp', { code: '000000' });
  t.equal(wrong.status, 401);
  t.equal(sessionIn(browser), '');
  const right = await browser.post('/two-factor/verify-totp', { code: codeOf(secret) });
  t.equal(right.status, 200);
  t.equal(right.body.token, sessionIn(browser));
  t.match(await identity.identity.resolve({ kind: 'session', text: sessionIn(browser) }), {
    active: true,
  });
  t.match(await identity.identity.resolve({ kind: 'session', text: sessionIn(client) }), {
    active: true,
  });
});

onEachStore('a code is good once, whoever has seen it', async (t, store) => {
  const { identity, secret, challenge } = await enroll(t, store);
  const used = await challenge();
  const code = codeOf(secret);
  t.equal((await used.post('/two-factor/verify-totp', { code })).status, 200);
  const replay = await challenge();
  const answer = await replay.post('/two-factor/verify-totp', { code });
  t.strictSame([answer.status, codeIn(answer)], [401, 'UNAUTHENTICATED']);
  t.equal(sessionIn(replay), '');
  const enrolled = await replay.post('/two-factor/verify-totp', { code: codeOf(secret, -1) });
  t.equal(enrolled.status, 401, 'the one that proved the app, too');
  const browsers = [await challenge(), await challenge()];
  const next = codeOf(secret, 1);
  const answers = await Promise.all(
    browsers.map((browser) => browser.post('/two-factor/verify-totp', { code: next })),
  );
  t.strictSame(answers.map(({ status }) => status).sort(), [200, 401], 'at once, too');
  t.notMatch(identity.logs(), new RegExp(`\\b${code}\\b`));
});

onEachStore(
  'guessing at codes is slowed, for the account and not the browser',
  async (t, store) => {
    const { secret, challenge } = await enroll(t, store);
    const statuses: number[] = [];
    let browser = await challenge();
    for (let count = 0; count < 6; count += 1) {
      if (count === 3) browser = await challenge();
      const code = `00000${count}`;
      statuses.push((await browser.post('/two-factor/verify-totp', { code })).status);
    }
    t.strictSame(statuses, [401, 401, 401, 401, 401, 429]);
    browser = await challenge();
    const right = await browser.post('/two-factor/verify-totp', { code: codeOf(secret) });
    t.strictSame([right.status, right.headers['retry-after']], [429, '1']);
  },
);

onEachStore('codes are guessed at on the count of whose they are', async (t, store) => {
  const { identity, challenge } = await enroll(t, store);
  await identity.signUp('eve@example.com');
  const eve = createAuthClient(identity, '203.0.113.6');
  await eve.post('/sign-in/email', { email: 'eve@example.com', password: PASSWORD });
  const browser = await challenge();
  browser.cookies.set('castellan.device', eve.cookies.get('castellan.device') ?? '');
  const guess = { code: '000000000', email: 'eve@example.com' };
  const statuses: number[] = [];
  for (let count = 0; count < 6; count += 1) {
    statuses.push((await browser.post('/two-factor/verify-totp', guess)).status);
  }
  t.equal(statuses.at(-1), 429, String(statuses));
  const another = await challenge();
  t.equal((await another.post('/two-factor/verify-totp', guess)).status, 429);
});

onEachStore('a backup code opens once', async (t, store) => {
  const { backupCodes, challenge } = await enroll(t, store);
  t.equal(backupCodes.length, 10);
  const [code = ''] = backupCodes;
  const browser = await challenge();
  t.equal((await browser.post('/two-factor/verify-backup-code', { code })).status, 200);
  t.not(sessionIn(browser), '');
  const again = await challenge();
  t.equal((await again.post('/two-factor/verify-backup-code', { code })).status, 401);
  t.equal(sessionIn(again), '');
});

onEachStore('a trusted browser is not asked again, another one is', async (t, store) => {
  const { secret, challenge, identity } = await enroll(t, store);
  const browser = await challenge();
  const code = codeOf(secret);
  await browser.post('/two-factor/verify-totp', { code, trustDevice: true });
  browser.cookies.delete('castellan.session_token');
  const answer = await browser.post('/sign-in/email', credentials);
  t.equal(answer.status, 200);
  t.not(sessionIn(browser), '');
  await challenge();
  const names = [...browser.cookies.keys()];
  t.ok(names.includes('castellan.trust_device'));
  await identity.tables.deleteFrom('verification').execute();
  browser.cookies.delete('castellan.session_token');
  t.match((await browser.post('/sign-in/email', credentials)).body, { twoFactorRedirect: true });
});

onEachStore('where no browser is trusted each sign-in needs a code', async (t, store) => {
  const settings = defineIdentity({ twoFactor: { trustDeviceDays: 0 } });
  const { secret, challenge } = await enroll(t, store, settings);
  const browser = await challenge();
  await browser.post('/two-factor/verify-totp', { code: codeOf(secret), trustDevice: true });
  t.not(sessionIn(browser), '');
  browser.cookies.delete('castellan.session_token');
  t.match((await browser.post('/sign-in/email', credentials)).body, { twoFactorRedirect: true });
});

onEachStore('taking the second factor off needs the password', async (t, store) => {
  const { identity, client } = await enroll(t, store);
  const wrong = await client.post('/two-factor/disable', { password: 'not the password at all' });
  t.equal(wrong.status, 400);
  const off = await client.post('/two-factor/disable', { password: PASSWORD });
  t.equal(off.status, 200);
  const browser = createAuthClient(identity);
  t.equal((await browser.post('/sign-in/email', credentials)).status, 200);
  t.not(sessionIn(browser), '');
  const log = await identity.tables
    .selectFrom('identity_log')
    .select('actor_kind')
    .where('action', '=', 'user.two_factor_changed')
    .execute();
  t.same(log, [{ actor_kind: 'session' }, { actor_kind: 'session' }]);
});

onEachStore('neither secrets nor backup codes are in the store', async (t, store) => {
  const { identity, secret, backupCodes } = await enroll(t, store);
  const rows = await identity.tables
    .$extendTables<{ twoFactor: { secret: string; backupCodes: string } }>()
    .selectFrom('twoFactor')
    .select(['secret', 'backupCodes'])
    .execute();
  t.equal(rows.length, 1);
  const stored = JSON.stringify(rows);
  const plain = fromBase32(secret).toString();
  for (const text of [secret, plain, Buffer.from(plain).toString('base64'), ...backupCodes]) {
    t.notOk(stored.includes(text));
  }
});
