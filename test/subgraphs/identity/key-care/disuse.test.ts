import { defineIdentity } from '#subgraphs/identity/settings.ts';
import { codeOf } from '../../support/ask-subgraph.ts';
import { startIdentity, type TestIdentity, withScopes } from '../../support/running-identity.ts';
import { onEachStore } from '../../support/stores.ts';
import { callerOf, join, only } from '../keys/support.ts';
import { actionsOf, DAY_MS, KEY, logOf, signedUp } from './support.ts';

const ENABLE = 'mutation ($id: ID!) { enableAPIKey(id: $id) { id status } }';
const UPDATE_CARE = `mutation ($input: UpdateKeyCareInput!) {
  updateKeyCare(input: $input) { disableUnusedDays onLeak } }`;
const thirtyDays = defineIdentity({ keyUsage: { disableUnusedDays: 30 } });

const use = ({ identity, clock }: TestIdentity, keyId: string) =>
  identity.reportUse([{ keyId, count: 1, at: clock.now(), network: null, userAgent: null }]);

onEachStore('a key that nobody used for long is refused until it is enabled', async (t, store) => {
  const identity = await startIdentity(t, store, { settings: thirtyDays });
  const caller = await signedUp(identity);
  const idle = await identity.createKey(caller, { permissions: ['ADMIN'] });
  const used = await identity.createKey(caller);
  const revoked = await identity.createKey(caller);
  await identity.ask(caller, `mutation { revokeAPIKey(id: "${revoked.id}") { id } }`);
  identity.clock.advance(29 * DAY_MS);
  await use(identity, used.id);
  t.match(await identity.care.sweep(), { disabled: 0 });
  identity.clock.advance(DAY_MS + 1);
  const heard: unknown[] = [];
  identity.identity.subscribe((event) => heard.push(event));
  const both = await Promise.all([identity.care.sweep(), identity.care.sweep()]);
  t.equal(both[0].disabled + both[1].disabled, 1, 'once, whoever looks');
  t.match(heard, [{ touches: 'credential', id: idle.id }]);
  t.equal(heard.length, 1);
  t.equal(await callerOf(identity, idle.key), null);
  t.match(await callerOf(identity, used.key), { credentialId: used.id });
  t.match(only(await identity.ask(caller, KEY, { id: idle.id })), {
    status: 'DISABLED',
    disabledReason: 'UNUSED',
    disabledAt: new Date(identity.clock.now()).toISOString(),
  });
  t.match((await logOf(identity, idle.id)).at(-1), {
    action: 'key.disabled',
    actor_kind: 'system',
    detail: { reason: 'unused' },
  });
  // Also when claims of it are still about.
  t.equal(codeOf(await identity.ask(idle.caller, ENABLE, { id: idle.id })), 'UNAUTHENTICATED');
  const list = `query ($s: APIKeyStatus!) { apiKeys(filter: { status: $s }) { nodes { id } } }`;
  const listed = async (s: string) => only(await identity.ask(caller, list, { s }));
  t.same(await listed('DISABLED'), { nodes: [{ id: idle.id }] });
  t.same(await listed('ACTIVE'), { nodes: [{ id: used.id }] });
  t.same(await listed('QUARANTINED'), { nodes: [] });

  t.match(only(await identity.ask(caller, ENABLE, { id: idle.id })), { status: 'ACTIVE' });
  t.match(await callerOf(identity, idle.key), { credentialId: idle.id });
  t.match(await identity.care.sweep(), { disabled: 0 }, 'its disuse begins anew');
  identity.clock.advance(30 * DAY_MS + 1);
  t.match(await identity.care.sweep(), { disabled: 2 });
  t.same((await actionsOf(identity, idle.id)).slice(1), [
    'key.disabled',
    'key.enabled',
    'key.disabled',
  ]);
});

onEachStore('keys from before are not taken for unused', async (t, store) => {
  const identity = await startIdentity(t, store, { settings: thirtyDays });
  const caller = await signedUp(identity);
  const { id } = await identity.createKey(caller);
  const now = identity.clock.now();
  await identity.tables
    .updateTable('api_key')
    .set({ created_at: now - 365 * DAY_MS, watched_since: now })
    .where('id', '=', id)
    .execute();
  t.match(await identity.care.sweep(), { disabled: 0 });
});

onEachStore('nothing is disabled unless somebody asks for it', async (t, store) => {
  const identity = await startIdentity(t, store);
  const caller = await signedUp(identity);
  const neighbour = await signedUp(identity);
  await identity.createKey(caller);
  const theirs = await identity.createKey(neighbour);
  identity.clock.advance(3_000 * DAY_MS);
  t.match(await identity.care.sweep(), { disabled: 0 });
  const input = { disableUnusedDays: 90 };
  t.match(only(await identity.ask(caller, UPDATE_CARE, { input })), { disableUnusedDays: 90 });
  t.match(await identity.care.sweep(), { disabled: 1 });
  t.match(await callerOf(identity, theirs.key), { credentialId: theirs.id });
  t.same(await actionsOf(identity, caller.organization ?? ''), [
    'organization.created',
    'key_care.made',
  ]);
});

onEachStore('an organization is stricter than the deployment, never looser', async (t, store) => {
  const identity = await startIdentity(t, store, { settings: thirtyDays });
  const caller = await signedUp(identity);
  const update = (input: object) => identity.ask(caller, UPDATE_CARE, { input });
  const CARE = '{ keyCare { disableUnusedDays onLeak } }';
  t.match(only(await identity.ask(caller, CARE)), { disableUnusedDays: 30, onLeak: 'QUARANTINE' });
  for (const input of [
    { disableUnusedDays: 31 },
    { disableUnusedDays: 0 },
    { disableUnusedDays: -1 },
    { onLeak: 'NOTIFY' },
  ]) {
    t.equal(codeOf(await update(input)), 'BAD_USER_INPUT');
  }
  t.match(only(await update({ disableUnusedDays: 7, onLeak: 'REVOKE' })), {
    disableUnusedDays: 7,
    onLeak: 'REVOKE',
  });
  t.match(only(await update({ disableUnusedDays: null })), {
    disableUnusedDays: 30,
    onLeak: 'REVOKE',
  });
  const member = await join(identity, await signedUp(identity), caller.organization, 'member');
  const readOnly = withScopes(caller, 'read:all');
  for (const other of [member, readOnly]) {
    t.equal(codeOf(await identity.ask(other, UPDATE_CARE, { input: {} })), 'FORBIDDEN');
    t.match(only(await identity.ask(other, CARE)), { onLeak: 'REVOKE' });
  }
});

onEachStore('only whoever has or governs a key enables it', async (t, store) => {
  const identity = await startIdentity(t, store, { settings: thirtyDays });
  const caller = await signedUp(identity);
  const stranger = await signedUp(identity);
  const member = await join(identity, await signedUp(identity), caller.organization, 'member');
  const { id } = await identity.createKey(caller);
  const theirs = await identity.createKey(member);
  const enable = (who: typeof caller, key = id) => identity.ask(who, ENABLE, { id: key });
  t.equal(codeOf(await enable(caller)), 'BAD_USER_INPUT', 'it is not disabled');
  identity.clock.advance(31 * DAY_MS);
  await identity.care.sweep();
  for (const who of [stranger, member]) {
    t.equal(codeOf(await enable(who)), 'NOT_FOUND');
    t.equal(codeOf(await enable(who, 'key_unknown')), 'NOT_FOUND');
  }
  t.equal(codeOf(await enable(withScopes(caller, 'read:all', 'write:all'))), 'FORBIDDEN');
  const other = await identity.createKey(caller, { permissions: ['ADMIN', 'READ'] });
  t.equal(codeOf(await enable(other.caller)), 'FORBIDDEN', 'a key that did not make it');
  t.match(only(await enable(caller)), { status: 'ACTIVE' });
  t.match(only(await enable(caller, theirs.id)), { status: 'ACTIVE' }, 'who governs');
});

onEachStore('before its end a key is warned of once at each threshold', async (t, store) => {
  const identity = await startIdentity(t, store);
  const caller = await signedUp(identity);
  const { id } = await identity.createKey(caller, { expiresIn: '10d' });
  const late = await identity.createKey(caller, { expiresIn: '12h' });
  await identity.createKey(caller);
  const warnings = async (key = id) =>
    (await logOf(identity, key))
      .filter(({ action }) => action === 'key.expires_soon')
      .map(({ detail, touches }) => [(detail as { withinDays: number }).withinDays, touches]);
  const sweep = async (days: number) => {
    identity.clock.advance(days * DAY_MS);
    await Promise.all([identity.care.sweep(), identity.care.sweep()]);
  };
  await sweep(0);
  t.same(await warnings(), []);
  t.same(await warnings(late.id), [[1, null]], 'only by the nearest');
  await sweep(3);
  t.same(await warnings(), [[7, null]]);
  await sweep(1);
  t.same(await warnings(), [[7, null]]);
  await sweep(5.5);
  t.same(await warnings(), [
    [7, null],
    [1, null],
  ]);
  // With another end they begin anew.
  const update = 'mutation ($id: ID!) { updateAPIKey(id: $id, input: { expiresIn: "5d" }) { id } }';
  only(await identity.ask(caller, update, { id }));
  await sweep(0);
  t.same((await warnings()).at(-1), [7, null]);
  t.equal((await warnings()).length, 3);
  await sweep(6);
  t.equal((await warnings()).length, 3, 'not when it is over');
});
