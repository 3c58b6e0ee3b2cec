import { createKeyTexts } from '#subgraphs/identity/api-keys/key-texts.ts';
import { createPepperRing } from '#subgraphs/identity/api-keys/pepper-ring.ts';
import { createRehashKeys } from '#subgraphs/identity/api-keys/rehash-keys.ts';
import { newPepper, startIdentity, type TestIdentity } from '../../support/running-identity.ts';
import { onEachStore } from '../../support/stores.ts';
import { only, ROTATE } from '../keys/support.ts';
import { foreignKey, IMPORT, importing, PREFIX, sha256, signedUp } from './support.ts';

const versions = async ({ tables }: TestIdentity, id: string) =>
  tables
    .selectFrom('api_key')
    .select(['pepper_version as now', 'former_pepper_version as former'])
    .where('id', '=', id)
    .executeTakeFirstOrThrow();

onEachStore('a key that is used is stored under the newest pepper', async (t, store) => {
  const older = newPepper(1);
  const newer = newPepper(2);
  const before = await startIdentity(t, store, { pepper: older, settings: importing });
  const caller = await signedUp(before);
  const used = await before.createKey(caller);
  const unused = await before.createKey(caller);
  const rotated = await before.createKey(caller);
  const text = only<{ key: string }>(await before.ask(caller, ROTATE, { id: rotated.id })).key;
  const foreign = foreignKey();
  await before.ask(caller, IMPORT, {
    input: { prefix: PREFIX, keys: [{ name: 'f', hash: sha256(foreign) }] },
  });

  const both = { pepper: `${newer},${older}`, settings: importing };
  const identity = await startIdentity(t, store, both);
  t.equal(await identity.care.keysUnderOlderPeppers(), 4);
  const heard: unknown[] = [];
  identity.identity.subscribe((event) => heard.push(event));
  const log = () => identity.tables.selectFrom('identity_log').select('sequence').execute();
  const logged = await log();
  const resolve = async ({ identity: port }: TestIdentity, key: string) =>
    (await port.resolve({ kind: 'key', text: key })).active;
  for (const key of [used.key, rotated.key, text, foreign, used.key]) {
    t.ok(await resolve(identity, key));
  }
  await identity.close();
  t.match(await versions(identity, used.id), { now: 'v2' });
  t.match(await versions(identity, rotated.id), { now: 'v2', former: 'v2' });
  t.match(await versions(identity, unused.id), { now: 'v1' });
  t.equal(await identity.care.keysUnderOlderPeppers(), 1);
  t.same(await log(), logged, 'it is no change of the key');
  t.same(heard, []);

  const after = await startIdentity(t, store, { pepper: newer, settings: importing });
  for (const key of [used.key, rotated.key, text, foreign]) t.ok(await resolve(after, key));
  t.notOk(await resolve(after, unused.key), 'what was not used goes with its pepper');
});

onEachStore(
  'what is written late puts no former text in the place of a newer one',
  async (t, store) => {
    const older = newPepper(1);
    const before = await startIdentity(t, store, { pepper: older });
    const caller = await signedUp(before);
    const { id, key } = await before.createKey(caller);
    const pepper = `${newPepper(2)},${older}`;
    const identity = await startIdentity(t, store, { pepper });
    const texts = createKeyTexts(createPepperRing(pepper), []);
    const candidates = texts.candidatesOf(key);
    const found = candidates.find(({ version }) => version === 'v1');
    if (found === undefined) throw new Error('there is no older pepper');
    // Somebody has looked the key up; before its hash is written again it is rotated.
    const rotate = await identity.ask(caller, ROTATE, { id, overlap: '0' });
    const rotated = only<{ key: string }>(rotate);
    const warnings: unknown[] = [];
    const rehash = createRehashKeys(identity.tables, {
      warn: (...all: unknown[]) => void warnings.push(all),
    });
    const newest = texts.newest(found, candidates);
    rehash.begin({ keyId: id, isCurrent: true, found }, newest);
    await rehash.idle();
    const isActive = async (text: string) =>
      (await identity.identity.resolve({ kind: 'key', text })).active;
    t.notOk(await isActive(key));
    t.ok(await isActive(rotated.key));
    t.same(warnings, []);

    await identity.tables.schema.alterTable('api_key').renameTo('api_key_gone').execute();
    rehash.begin({ keyId: id, isCurrent: false, found }, newest);
    await rehash.idle();
    t.match(warnings, [[{ keyId: id }, /could not be stored/]]);
    const told = JSON.stringify(warnings);
    t.notOk(told.includes(found.hash) || told.includes(newest.hash));
  },
);

onEachStore('a key that ends meanwhile stays ended', async (t, store) => {
  const older = newPepper(1);
  const before = await startIdentity(t, store, { pepper: older });
  const caller = await signedUp(before);
  const { id, key } = await before.createKey(caller);
  const identity = await startIdentity(t, store, { pepper: `${newPepper(2)},${older}` });
  const resolve = async () => (await identity.identity.resolve({ kind: 'key', text: key })).active;
  // It is looked up, and rotated while its hash is written.
  const [, rotated] = await Promise.all([
    resolve(),
    identity.ask(caller, ROTATE, { id, overlap: '0' }),
  ]);
  const { key: text } = only<{ key: string }>(rotated);
  await identity.close();
  t.notOk(await resolve(), 'the text until then');
  t.match(await identity.identity.resolve({ kind: 'key', text }), { active: true });
  t.match(await versions(identity, id), { now: 'v2', former: null });
});
