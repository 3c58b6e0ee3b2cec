import { createApiKey } from '#contract/api-key.ts';
import { CodedError } from '#contract/errors.ts';
import { defineIdentity } from '#subgraphs/identity/settings.ts';
import { codeOf } from '../../support/ask-subgraph.ts';
import { startIdentity, type TestIdentity, withScopes } from '../../support/running-identity.ts';
import { onEachStore } from '../../support/stores.ts';
import { callerOf, join, makeAccount, only, ROTATE } from '../keys/support.ts';
import {
  actionsOf,
  foreignKey,
  IMPORT,
  importing,
  logOf,
  PREFIX,
  sha256,
  signedUp,
} from './support.ts';

interface Result {
  readonly isNew: boolean;
  readonly apiKey: Record<string, unknown> & { readonly id: string };
  readonly error: { readonly code: string; readonly message: string } | null;
}
type Imported = { readonly imported: number; readonly results: readonly Result[] };
type Row = Record<string, unknown>;

const importer = (identity: TestIdentity) => ({
  ask: (caller: Parameters<TestIdentity['ask']>[0], keys: readonly Row[], prefix = PREFIX) =>
    identity.ask(caller, IMPORT, { input: { prefix, keys } }),
});

onEachStore(
  'an imported key works as its text, by every way to write its hash',
  async (t, store) => {
    const identity = await startIdentity(t, store, { settings: importing });
    const { ask } = importer(identity);
    const caller = await signedUp(identity);
    const account = await makeAccount(identity, caller);
    const texts = [foreignKey(), foreignKey(), foreignKey(), foreignKey()] as const;
    const [one, two, three, four] = texts;
    const expiresAt = new Date(identity.clock.now() + 86_400_000).toISOString();
    const answer = only<Imported>(
      await ask(caller, [
        { name: 'hex', hash: sha256(one).toUpperCase(), permissions: ['READ', 'WRITE'] },
        { name: 'base64', hash: sha256(two, 'base64'), scopes: ['app:access'], expiresAt },
        { name: 'base64url', hash: sha256(three, 'base64url'), serviceAccountId: account },
        { name: 'own', hash: sha256(four), ownerId: caller.subject },
      ]),
    );
    t.equal(answer.imported, 4);
    t.match(answer.results, [
      { index: 0, isNew: true, error: null, apiKey: { prefix: PREFIX, status: 'ACTIVE' } },
      { index: 1, apiKey: { scopes: ['app:access'], expiresAt } },
      { index: 2, apiKey: { scopes: ['read:all'], owner: null, serviceAccount: { id: account } } },
      { index: 3, apiKey: { owner: { id: caller.subject } } },
    ]);
    for (const [index, text] of texts.entries()) {
      const id = answer.results[index]?.apiKey.id;
      t.match(await callerOf(identity, text), { kind: 'key', credentialId: id });
      // Neither the hash nor anything near the text is a credential.
      for (const wrong of [
        sha256(text),
        `${text}x`,
        text.slice(0, -1),
        text.slice(PREFIX.length),
      ]) {
        t.equal(await callerOf(identity, wrong), null);
      }
    }
    const [first] = answer.results;
    t.same((await actionsOf(identity, first?.apiKey.id ?? '')).toSorted(), [
      'key.created',
      'key.imported',
    ]);
    const stored = await identity.tables.selectFrom('api_key').select(['hash']).execute();
    t.notOk(stored.some(({ hash }) => texts.some((text) => hash === sha256(text))));
    const log = JSON.stringify(await logOf(identity, first?.apiKey.id ?? ''));
    t.notOk(log.includes(sha256(one)));
  },
);

onEachStore('an import can be repeated, and each key is decided for itself', async (t, store) => {
  const identity = await startIdentity(t, store, { settings: importing });
  const { ask } = importer(identity);
  const caller = await signedUp(identity);
  const stranger = await signedUp(identity);
  const theirs = foreignKey();
  await ask(stranger, [{ name: 'theirs', hash: sha256(theirs) }]);
  const text = foreignKey();
  const keys = [
    { name: 'a', hash: sha256(text) },
    { name: 'again', hash: sha256(text, 'base64') },
    { name: 'no hash', hash: text },
    { name: '', hash: sha256(foreignKey()) },
    { name: 'theirs', hash: sha256(theirs) },
    { name: 'nobody', hash: sha256(foreignKey()), ownerId: stranger.subject },
    { name: 'no account', hash: sha256(foreignKey()), serviceAccountId: 'sa_1' },
    { name: 'both', hash: sha256(foreignKey()), serviceAccountId: 'sa_1', ownerId: 'user_1' },
    { name: 'late', hash: sha256(foreignKey()), expiresAt: '2001-01-01T00:00:00.000Z' },
    { name: 'b', hash: sha256(foreignKey()) },
  ];
  const codes = [
    undefined,
    undefined,
    'BAD_USER_INPUT',
    'BAD_USER_INPUT',
    'KEY_EXISTS',
    'NOT_FOUND',
    'NOT_FOUND',
    'BAD_USER_INPUT',
    'BAD_USER_INPUT',
    undefined,
  ];
  const first = only<Imported>(await ask(caller, keys));
  t.same(
    first.results.map(({ error }) => error?.code),
    codes,
  );
  t.equal(first.imported, 2);
  t.notOk(JSON.stringify(first).includes(text), 'a key in the place of its hash is not repeated');
  const { id } = first.results[0]?.apiKey ?? {};
  t.match(first.results[1], { isNew: false, apiKey: { id, name: 'a' } });
  const again = only<Imported>(await ask(caller, keys));
  t.equal(again.imported, 0);
  t.match(again.results[0], { isNew: false, apiKey: { id } });
  // What was revoked is not brought back.
  await identity.ask(caller, `mutation { revokeAPIKey(id: "${id}") { id } }`);
  t.match(only<Imported>(await ask(caller, keys)).results[0], {
    isNew: false,
    apiKey: { id, status: 'REVOKED' },
  });
  t.equal(await callerOf(identity, text), null);
  const [one, other] = await Promise.all([
    ask(caller, [{ name: 'c', hash: sha256(`${text}c`) }]),
    ask(stranger, [{ name: 'c', hash: sha256(`${text}c`) }]),
  ]);
  t.equal(only<Imported>(one).imported + only<Imported>(other).imported, 1);
});

onEachStore('only those who govern import, for whom they may act as', async (t, store) => {
  const identity = await startIdentity(t, store, { settings: importing });
  const { ask } = importer(identity);
  const owner = await signedUp(identity);
  const organization = owner.organization;
  const people: Record<string, Awaited<ReturnType<typeof join>>> = {};
  for (const role of ['admin', 'member', 'read-only']) {
    people[role] = await join(identity, await signedUp(identity), organization, role);
  }
  const { admin = owner, member = owner, 'read-only': reader = owner } = people;
  const row = (changes: Row = {}) => ({ name: 'a', hash: sha256(foreignKey()), ...changes });
  for (const person of [member, reader]) t.equal(codeOf(await ask(person, [row()])), 'FORBIDDEN');
  t.equal(codeOf(await ask(withScopes(owner, 'read:all'), [row()])), 'FORBIDDEN');
  const anonymous = { ...owner, kind: 'anonymous', subject: null, credentialId: null } as const;
  t.equal(codeOf(await ask(anonymous, [row()])), 'UNAUTHENTICATED');

  const forMember = { ownerId: member.subject };
  const errorOf = async (caller: typeof owner, changes: Row) =>
    only<Imported>(await ask(caller, [row(changes)])).results[0]?.error?.code;
  t.equal(await errorOf(owner, forMember), undefined);
  t.equal(await errorOf(admin, forMember), 'FORBIDDEN');
  t.equal(await errorOf(admin, {}), undefined);
  const { caller: key } = await identity.createKey(owner, { permissions: ['READ', 'ADMIN'] });
  t.equal(await errorOf(key, forMember), 'FORBIDDEN');
  t.equal(await errorOf(key, { permissions: ['WRITE'] }), 'FORBIDDEN', 'more than its maker');
  t.equal(await errorOf(owner, { ownerId: reader.subject, permissions: ['WRITE'] }), 'FORBIDDEN');
});

onEachStore('an import is bounded, and its prefix registered', async (t, store) => {
  const identity = await startIdentity(t, store, { settings: importing });
  const { ask } = importer(identity);
  const caller = await signedUp(identity);
  const rows = (count: number) =>
    Array.from({ length: count }, () => ({ name: 'a', hash: sha256(foreignKey()) }));
  for (const prefix of ['', 'cst_', 'acme', 'sk_live_']) {
    t.equal(codeOf(await ask(caller, rows(1), prefix)), 'BAD_USER_INPUT');
  }
  t.equal(codeOf(await ask(caller, [])), 'BAD_USER_INPUT');
  t.equal(codeOf(await ask(caller, rows(101))), 'BAD_USER_INPUT');
  t.equal(only<Imported>(await ask(caller, rows(100))).imported, 100);

  const few = await startIdentity(t, store, {
    pepper: identity.pepper,
    settings: defineIdentity({ keys: { maxPersonalKeys: 2 }, keyImport: { prefixes: [PREFIX] } }),
  });
  const other = await signedUp(few);
  const limited = only<Imported>(await importer(few).ask(other, rows(3)));
  t.same(
    limited.results.map(({ error }) => error?.code),
    [undefined, undefined, 'KEY_LIMIT_REACHED'],
  );
});

onEachStore('texts without a registered prefix are not looked up', async (t, store) => {
  const identity = await startIdentity(t, store, { settings: importing });
  const caller = await signedUp(identity);
  const elsewhere = foreignKey('other_');
  const short = `${PREFIX}0123456789abcde`;
  const long = PREFIX + 'x'.repeat(250);
  const keys = [elsewhere, short, long].map((text) => ({ name: 'a', hash: sha256(text) }));
  t.equal(only<Imported>(await importer(identity).ask(caller, keys)).imported, 3);
  await identity.tables.schema.alterTable('api_key').renameTo('api_key_gone').execute();
  for (const text of [elsewhere, short, long, sha256(short), `${PREFIX}${'ü'.repeat(20)}`]) {
    t.equal(await callerOf(identity, text), null, 'without a store');
  }
  await t.rejects(callerOf(identity, foreignKey()), { code: 'IDENTITY_UNAVAILABLE' });
});

onEachStore('an imported key is rotated into one of ours', async (t, store) => {
  const identity = await startIdentity(t, store, { settings: importing });
  const caller = await signedUp(identity);
  const text = foreignKey();
  const answer = await importer(identity).ask(caller, [{ name: 'a', hash: sha256(text) }]);
  const { id } = only<Imported>(answer).results[0]?.apiKey ?? {};
  const { key } = only<{ key: string }>(await identity.ask(caller, ROTATE, { id, overlap: '1h' }));
  t.match(key, /^cst_test_/);
  t.match(await callerOf(identity, key), { credentialId: id });
  t.match(await callerOf(identity, text), { credentialId: id }, 'for the overlap');
  identity.clock.advance(3_600_000);
  t.equal(await callerOf(identity, text), null);
  t.match(await callerOf(identity, key), { credentialId: id });
  // The hash of one of our own keys, imported, is not that key.
  const own = createApiKey('test');
  await importer(identity).ask(caller, [{ name: 'b', hash: sha256(own) }]);
  t.equal(await callerOf(identity, own), null);
});

onEachStore('a prefix that our own keys could begin with is refused', async (t, store) => {
  for (const [brand, prefix] of [
    ['cst', 'cst_'],
    ['cst', 'cst_live_x'],
    ['acmecorp', 'acme'],
    ['acmecorp', 'acmecorp_'],
  ] as const) {
    const settings = defineIdentity({ keys: { brand }, keyImport: { prefixes: [prefix] } });
    await t.rejects(startIdentity(t, store, { settings }), { code: 'CONFIGURATION_INVALID' });
  }
  for (const prefix of ['abc', 'has space', 'x'.repeat(33), 'dot.s']) {
    t.throws(() => defineIdentity({ keyImport: { prefixes: [prefix] } }), CodedError);
  }
});
