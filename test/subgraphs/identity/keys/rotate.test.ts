import type { IdentityEvent } from '#contract/identity.ts';
import { codeOf } from '../../support/ask-subgraph.ts';
import { startIdentity } from '../../support/running-identity.ts';
import { onEachStore } from '../../support/stores.ts';
import { callerOf, join, makeAccount, only, REVOKE, ROTATE, UPDATE } from './support.ts';

const HOUR = 3_600_000;
type Rotated = { id: string; key: string; apiKey: Record<string, unknown> };

onEachStore(
  'a rotated key keeps all but its text, and both texts work meanwhile',
  async (t, store) => {
    const identity = await startIdentity(t, store);
    const { caller } = await identity.signUp();
    const made = await identity.createKey(caller, { permissions: ['READ', 'WRITE'] });
    const heard: IdentityEvent[] = [];
    identity.identity.subscribe((event) => heard.push(event));
    const rotated = only<Rotated>(
      await identity.ask(caller, ROTATE, { id: made.id, overlap: '1d' }),
    );
    t.equal(rotated.id, made.id);
    t.not(rotated.key, made.key);
    t.match(heard, [{ touches: 'credential', id: made.id }]);
    const before = await callerOf(identity, made.key);
    const until = identity.clock.now() + 24 * HOUR;
    t.equal(before?.expiresAt, until, 'the gateway is told when the text before ends');
    const after = await callerOf(identity, rotated.key);
    t.equal(after?.expiresAt, null);
    t.strictSame({ ...after, expiresAt: until }, before, 'the same key in all else');
    t.equal(rotated.apiKey.previousTextWorksUntil, new Date(until).toISOString());
    t.equal(rotated.apiKey.prefix, rotated.key.slice(0, 13));

    identity.clock.advance(24 * HOUR - 1);
    t.ok(await callerOf(identity, made.key));
    identity.clock.advance(1);
    t.equal(await callerOf(identity, made.key), null);
    t.ok(await callerOf(identity, rotated.key));
  },
);

onEachStore(
  'no overlap ends the text at once, and a second rotation the oldest',
  async (t, store) => {
    const identity = await startIdentity(t, store);
    const { caller } = await identity.signUp();
    const one = await identity.createKey(caller);
    const rotate = async (overlap?: string) =>
      only<Rotated>(await identity.ask(caller, ROTATE, { id: one.id, overlap })).key;
    const two = await rotate('7d');
    const three = await rotate('7d');
    t.equal(await callerOf(identity, one.key), null, 'two before');
    t.ok(await callerOf(identity, two));
    const four = await rotate('0');
    t.equal(await callerOf(identity, two), null);
    t.equal(await callerOf(identity, three), null);
    t.ok(await callerOf(identity, four));
    const five = await rotate();
    t.equal((await callerOf(identity, four))?.expiresAt, identity.clock.now() + HOUR, 'an hour');
    await identity.ask(caller, REVOKE, { id: one.id });
    t.equal(await callerOf(identity, four), null);
    t.equal(await callerOf(identity, five), null);
  },
);

onEachStore('the text before never outlives its key', async (t, store) => {
  const identity = await startIdentity(t, store);
  const { caller } = await identity.signUp();
  const made = await identity.createKey(caller, { expiresIn: '1h' });
  await identity.ask(caller, ROTATE, { id: made.id, overlap: '1d' });
  t.equal((await callerOf(identity, made.key))?.expiresAt, made.caller.expiresAt);
  identity.clock.advance(HOUR);
  t.equal(await callerOf(identity, made.key), null);
  t.equal(codeOf(await identity.ask(caller, ROTATE, { id: made.id })), 'KEY_EXPIRED');
});

onEachStore('a text that was replaced gets nothing that outlives it', async (t, store) => {
  const identity = await startIdentity(t, store);
  const { caller } = await identity.signUp();
  const made = await identity.createKey(caller, { permissions: ['READ', 'ADMIN'] });
  const child = await identity.createKey(made.caller);
  await identity.ask(caller, ROTATE, { id: made.id, overlap: '1h' });
  const former = await callerOf(identity, made.key);
  if (former === null) throw new Error('the text before does not work');
  for (const { id } of [made, child]) {
    t.equal(codeOf(await identity.ask(former, ROTATE, { id })), 'FORBIDDEN');
  }
  const until = Math.floor((former.expiresAt ?? 0) / 1_000) * 1_000;
  const kept = await identity.createKey(former);
  t.equal(kept.caller.expiresAt, until, 'a key that is made with it ends with it');
  const never = { id: kept.id, input: { expiresIn: 'never' } };
  t.equal(codeOf(await identity.ask(former, UPDATE, never)), 'BAD_USER_INPUT');
});

onEachStore('what has ended is not rotated, and a wrong overlap is bad input', async (t, store) => {
  const identity = await startIdentity(t, store);
  const { caller } = await identity.signUp();
  const made = await identity.createKey(caller);
  for (const overlap of ['', '8d', '-1d', '1y', '0d', '99999d', '1 d', 'now']) {
    const answer = await identity.ask(caller, ROTATE, { id: made.id, overlap });
    t.equal(codeOf(answer), 'BAD_USER_INPUT', overlap);
    t.equal(answer.errors?.[0]?.extensions?.argument, 'overlap');
  }
  t.ok(await callerOf(identity, made.key));
  await identity.ask(caller, REVOKE, { id: made.id });
  t.equal(codeOf(await identity.ask(caller, ROTATE, { id: made.id })), 'ALREADY_REVOKED');
});

onEachStore('a key rotates itself and what it made, and nothing else', async (t, store) => {
  const identity = await startIdentity(t, store);
  const { caller } = await identity.signUp();
  const admin = { permissions: ['READ', 'ADMIN'] };
  const parent = await identity.createKey(caller, admin);
  const child = await identity.createKey(parent.caller, admin);
  const grandchild = await identity.createKey(child.caller, admin);
  const neighbour = await identity.createKey(caller, { permissions: ['READ'] });
  const rotate = async (by: typeof parent, id: string) => identity.ask(by.caller, ROTATE, { id });
  t.equal((await rotate(parent, parent.id)).errors, undefined);
  t.equal((await rotate(parent, child.id)).errors, undefined);
  t.equal((await rotate(parent, grandchild.id)).errors, undefined);
  for (const other of [parent, neighbour]) {
    t.equal(codeOf(await rotate(child, other.id)), 'FORBIDDEN', 'its maker, its neighbour');
  }
  const reader = await identity.createKey(caller, { permissions: ['READ', 'WRITE'] });
  t.equal(codeOf(await rotate(reader, reader.id)), 'FORBIDDEN', 'a key without ADMIN');
});

onEachStore('nobody is shown the text of another person’s key', async (t, store) => {
  const identity = await startIdentity(t, store);
  const { caller: owner } = await identity.signUp();
  const { caller: person } = await identity.signUp();
  const { caller: stranger } = await identity.signUp();
  const admin = await join(identity, person, owner.organization, 'admin');
  const made = await identity.createKey(owner);
  const answer = await identity.ask(admin, ROTATE, { id: made.id });
  t.equal(codeOf(answer), 'FORBIDDEN');
  t.notMatch(JSON.stringify(answer), 'cst_');
  t.equal(codeOf(await identity.ask(stranger, ROTATE, { id: made.id })), 'NOT_FOUND');
  t.ok(await callerOf(identity, made.key));

  const account = await makeAccount(identity, owner);
  const agent = await identity.createKey(owner, { serviceAccountId: account });
  const rotated = only<Rotated>(await identity.ask(admin, ROTATE, { id: agent.id }));
  t.ok(await callerOf(identity, rotated.key), 'a service account’s is for those who govern');
});
