import type { Caller } from '#contract/caller.ts';
import {
  decodeKeyAnswer,
  encodeKeyQuestion,
  KEY_INTROSPECTION_PATH,
} from '#contract/introspection.ts';
import { permissionsOf } from '#contract/permissions/scope.ts';
import { startIdentity, type TestIdentity } from '../support/running-identity.ts';
import { onEachStore } from '../support/stores.ts';

const secret = 'a-secret-between-identity-and-its-gateways';

/** What a gateway learns, in this process and over HTTP: always the same. */
async function lookUp({ identity, app }: TestIdentity, id: string, asker: Caller) {
  const here = await identity.callerOfKey(id, asker);
  const response = await app.inject({
    method: 'POST',
    url: KEY_INTROSPECTION_PATH,
    headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
    payload: encodeKeyQuestion({ id, asker }),
  });
  const there = decodeKeyAnswer(response.json(), id);
  return { here, there };
}

onEachStore('a key is told by its id as it would be by its text', async (t, store) => {
  const identity = await startIdentity(t, store, { secret });
  const { caller } = await identity.signUp();
  const { id, key } = await identity.createKey(caller, { permissions: ['READ'], expiresIn: '1d' });
  const { here, there } = await lookUp(identity, id, caller);
  const resolution = await identity.identity.resolve({ kind: 'key', text: key });
  const expected = resolution.active ? resolution.caller : null;
  t.same(here, { kind: 'works', caller: expected });
  t.match(there, {
    kind: 'works',
    caller: { permissions: expected?.permissions, credentialId: id },
  });
});

onEachStore(
  'a key that has ended says so to its owner, and nothing to others',
  async (t, store) => {
    const identity = await startIdentity(t, store, { secret });
    const { caller } = await identity.signUp();
    const { caller: stranger } = await identity.signUp();
    const expiring = await identity.createKey(caller, { expiresIn: '1h' });
    const revoked = await identity.createKey(caller);
    const disabled = await identity.createKey(caller);
    const quarantined = await identity.createKey(caller);
    const now = identity.clock.now();
    const set = (id: string, changes: object) =>
      identity.tables.updateTable('api_key').set(changes).where('id', '=', id).execute();
    await set(revoked.id, { revoked_at: now });
    await set(disabled.id, { disabled_at: now, disabled_reason: 'unused' });
    await set(quarantined.id, { disabled_at: now, disabled_reason: 'leaked' });
    identity.clock.advance(3_600_000);
    const table = [
      [expiring.id, 'EXPIRED'],
      [revoked.id, 'REVOKED'],
      [disabled.id, 'DISABLED'],
      [quarantined.id, 'QUARANTINED'],
    ] as const;
    for (const [id, status] of table) {
      const own = { kind: 'ended', status } as const;
      t.same(await lookUp(identity, id, caller), { here: own, there: own }, status);
      const unknown = { kind: 'unknown' } as const;
      t.same(await lookUp(identity, id, stranger), { here: unknown, there: unknown }, status);
    }
  },
);

onEachStore(
  'a key whose owner is out, or that is bound to nothing, lets nobody in',
  async (t, store) => {
    const identity = await startIdentity(t, store, { secret });
    const { caller } = await identity.signUp();
    const { id } = await identity.createKey(caller);
    await identity.tables
      .updateTable('member')
      .set({ suspended_at: identity.clock.now() })
      .where('userId', '=', caller.subject)
      .execute();
    t.same((await lookUp(identity, id, caller)).here, { kind: 'ended', status: 'UNUSABLE' });
  },
);

onEachStore('of a foreign key nobody learns that it is there', async (t, store) => {
  const identity = await startIdentity(t, store, { secret });
  const { caller } = await identity.signUp();
  const { caller: stranger } = await identity.signUp();
  const { id } = await identity.createKey(caller);
  const unknown = { here: { kind: 'unknown' }, there: { kind: 'unknown' } };
  t.same(await lookUp(identity, id, stranger), unknown);
  t.same(await lookUp(identity, 'key_nothing', stranger), unknown);
  t.same(
    await lookUp(identity, id, { ...stranger, organization: caller.organization }),
    unknown,
    'not even with the name of the organization',
  );
  const nobody: Caller = { ...caller, subject: null, kind: 'anonymous' };
  t.same((await identity.identity.callerOfKey(id, nobody)).kind, 'unknown');
});

onEachStore('a key sees itself, and others of its owner if it may read keys', async (t, store) => {
  const identity = await startIdentity(t, store, { secret });
  const { caller } = await identity.signUp();
  const one = await identity.createKey(caller);
  const other = await identity.createKey(caller);
  const callerWith = (scopes: string[]): Caller => ({
    ...caller,
    kind: 'key',
    credentialId: one.id,
    permissions: permissionsOf(scopes),
  });
  t.equal((await lookUp(identity, one.id, callerWith([]))).here.kind, 'works');
  t.equal((await lookUp(identity, other.id, callerWith([]))).here.kind, 'unknown');
  t.equal((await lookUp(identity, other.id, callerWith(['read:all']))).here.kind, 'works');
});

onEachStore('whoever governs an organization sees all of its keys', async (t, store) => {
  const identity = await startIdentity(t, store, { secret });
  const { caller } = await identity.signUp();
  const { caller: member } = await identity.signUp();
  const { organization } = caller;
  const { id } = await identity.createKey(caller);
  const join = (role: string) =>
    identity.tables
      .insertInto('member')
      .values({
        id: `member_${role}`,
        userId: member.subject ?? '',
        organizationId: organization ?? '',
        role,
        createdAt: new Date().toISOString(),
      })
      .execute();
  await join('member');
  const there: Caller = { ...member, organization };
  t.equal((await lookUp(identity, id, there)).here.kind, 'unknown', 'a member does not');
  await identity.tables
    .updateTable('member')
    .set({ role: 'admin' })
    .where('id', '=', 'member_member')
    .execute();
  t.equal((await lookUp(identity, id, there)).here.kind, 'works');
  const bound = { ...there, project: 'project_1' };
  t.equal((await lookUp(identity, id, bound)).here.kind, 'unknown', 'not with a part of it');
  const reading = { ...there, permissions: permissionsOf(['read:all', 'write:all']) };
  t.equal((await lookUp(identity, id, reading)).here.kind, 'unknown', 'not without MANAGE');
});

onEachStore(
  'nobody asks without the secret, and a malformed question is refused',
  async (t, store) => {
    const identity = await startIdentity(t, store, { secret });
    const { caller } = await identity.signUp();
    const { id } = await identity.createKey(caller);
    const post = (payload: string, authorization: string) =>
      identity.app.inject({
        method: 'POST',
        url: KEY_INTROSPECTION_PATH,
        headers: { authorization, 'content-type': 'application/json' },
        payload,
      });
    const question = encodeKeyQuestion({ id, asker: caller });
    t.equal((await post(question, 'Bearer nothing')).statusCode, 401);
    t.equal((await post(question, '')).statusCode, 401);
    for (const text of [
      '',
      '{',
      '[]',
      'null',
      '{"id":1,"asker":{}}',
      '{"id":"x","asker":{"kind":"key"}}',
    ]) {
      t.equal((await post(text, `Bearer ${secret}`)).statusCode, 400, text);
    }
    await identity.tables.schema.alterTable('api_key').renameTo('api_key_gone').execute();
    t.equal((await post(question, `Bearer ${secret}`)).statusCode, 503);
  },
);
