import { generateKeyPairSync } from 'node:crypto';
import { calculateJwkThumbprint } from 'jose';
import t from 'tap';
import { createSigningKey, publicKeySet, readSigningKeys } from '#contract/signing-keys.ts';

t.test(
  'a new signing key can sign, and its public part is named by its RFC 7638 thumbprint',
  async (t) => {
    const json = createSigningKey();
    t.not(json, createSigningKey());
    const [key] = publicKeySet(json).keys;
    t.ok(key);
    if (key === undefined) return;
    t.equal(key.kid, await calculateJwkThumbprint({ ...key }));
    t.same(Object.keys(key).sort(), ['alg', 'crv', 'kid', 'kty', 'use', 'x']);
    t.equal(readSigningKeys(json).kid, key.kid);
  },
);

t.test(
  'the first key of a set signs and all are published, their private parts never',
  async (t) => {
    const [first, second, third] = [1, 2, 3].map(() => JSON.parse(createSigningKey()));
    const { d, ...onlyPublic } = third;
    const keys = [{ ...first, kid: 'new' }, second, onlyPublic];
    const read = readSigningKeys(JSON.stringify({ keys }));
    t.equal(read.kid, 'new');
    t.same(
      read.publicSet.keys.map(({ kid }) => kid),
      ['new', second.kid, third.kid],
    );
    const published = JSON.stringify(read.publicSet);
    for (const secret of [first.d, second.d, d]) t.notOk(published.includes(secret));
    t.notMatch(published, /"d"/);
  },
);

t.test(
  'what cannot sign is refused at once, without a character of it in the message',
  async (t) => {
    const jwk = JSON.parse(createSigningKey());
    const other = JSON.parse(createSigningKey());
    const { d, ...onlyPublic } = jwk;
    const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({
      format: 'jwk',
    });
    const p256 = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({
      format: 'jwk',
    });
    const x25519 = generateKeyPairSync('x25519').privateKey.export({ format: 'jwk' });
    const table: [string, unknown][] = [
      ['only a public key', onlyPublic],
      ['an empty set', { keys: [] }],
      ['a set of nothing', { keys: [null] }],
      ['keys that are no list', { keys: jwk }],
      ['a text', d],
      ['null', null],
      ['a list', [jwk]],
      ['RSA', rsa],
      ['P-256', p256],
      ['X25519', x25519],
      ['a short private part', { ...jwk, d: d.slice(0, 20) }],
      ['a private part that is no text', { ...jwk, d: 1 }],
      ['the private part of another key', { ...jwk, d: other.d }],
      ['a second key that is broken', { keys: [jwk, { ...onlyPublic, x: 'AAAA' }] }],
      ['two keys of one name', { keys: [jwk, { ...other, kid: jwk.kid }] }],
      ['a name that is no text', { ...jwk, kid: 7 }],
      ['an empty name', { ...jwk, kid: '' }],
    ];
    for (const [name, value] of table) {
      const error = t.throws(
        () => readSigningKeys(JSON.stringify(value)),
        { code: 'CONFIGURATION_INVALID' },
        name,
      );
      t.notOk(String(error).includes(d.slice(0, 8)), `${name}: the message keeps the secret`);
    }
    const broken = t.throws(() => readSigningKeys(`${d}{`), { code: 'CONFIGURATION_INVALID' });
    t.notOk(String(broken).includes(d.slice(0, 8)));
  },
);
