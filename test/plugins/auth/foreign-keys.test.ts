import { randomBytes } from 'node:crypto';
import t from 'tap';
import { CodedError } from '#contract/errors.ts';
import { auth } from '#plugins/auth/index.ts';
import { startAuthApp } from './support/auth-app.ts';
import { MemoryIdentity } from './support/memory-identity.ts';

const options = { foreignKeyPrefixes: ['acme_', 'old-'] };
const secret = () => randomBytes(16).toString('base64url');

t.test('a text with a registered prefix is looked up, and no other', async (t) => {
  const identity = new MemoryIdentity();
  const { send } = await startAuthApp(t, { identity, options });
  const present = async (text: string) =>
    (await send({ headers: ['authorization', `Bearer ${text}`] })).status;
  const known = `acme_${secret()}`;
  identity.add(known);
  t.equal(await present(known), 200);
  t.equal(await present(`old-${secret()}`), 401);
  t.same(
    identity.asked.map(({ kind }) => kind),
    ['key', 'key'],
  );
  for (const text of [
    `other_${secret()}`,
    `acme_${'x'.repeat(15)}`,
    `acme_${'x'.repeat(252)}`,
    `acme_${secret()} ${secret()}`,
    `acme_${secret()}"`,
    `Acme_${secret()}`,
  ]) {
    t.equal(await present(text), 401);
  }
  t.equal(identity.asked.length, 2, 'garbage costs no question');
});

t.test('without a registered prefix there are no foreign keys', async (t) => {
  const identity = new MemoryIdentity();
  const { send } = await startAuthApp(t, { identity });
  const text = `acme_${secret()}`;
  identity.add(text);
  t.equal((await send({ headers: ['authorization', `Bearer ${text}`] })).status, 401);
  t.equal(identity.asked.length, 0);
});

t.test('a prefix is long enough to tell keys from other texts', async (t) => {
  for (const prefix of ['', 'abc', 'a b c d', 'x'.repeat(33)]) {
    t.throws(() => auth.configure({ foreignKeyPrefixes: [prefix] }), CodedError);
  }
});
