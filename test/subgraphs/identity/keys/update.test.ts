import { codeOf } from '../../support/ask-subgraph.ts';
import { startIdentity } from '../../support/running-identity.ts';
import { onEachStore } from '../../support/stores.ts';
import { callerOf, join, only, REVOKE, ROTATE, UPDATE } from './support.ts';

onEachStore('a key is renamed, narrowed, widened and given another end', async (t, store) => {
  const identity = await startIdentity(t, store);
  const { caller } = await identity.signUp();
  const made = await identity.createKey(caller, { permissions: ['READ', 'WRITE'] });
  const update = async (input: Record<string, unknown>) =>
    only(await identity.ask(caller, UPDATE, { id: made.id, input }));
  t.match(await update({ name: ' New  name ' }), {
    name: 'New  name',
    scopes: ['read:all', 'write:all'],
    type: 'FULL_ACCESS',
  });
  t.match(await update({ permissions: ['READ'] }), { name: 'New  name', type: 'READ_ONLY' });
  t.strictSame((await callerOf(identity, made.key))?.permissions.scopes, ['read:all']);
  t.match(await update({ permissions: ['READ'], scopes: ['app:access', 'admin'] }), {
    scopes: ['read:all', 'admin', 'app:access'],
    type: 'SCOPED',
  });
  const end = identity.clock.now() + 3_600_000;
  t.match(await update({ expiresIn: '1h' }), { expiresAt: new Date(end).toISOString() });
  t.equal((await callerOf(identity, made.key))?.expiresAt, end);
  t.match(await update({ expiresIn: 'never' }), { expiresAt: null });
  t.match(await update({}), { name: 'New  name', expiresAt: null });
});

onEachStore('what has ended is not brought back', async (t, store) => {
  const identity = await startIdentity(t, store);
  const { caller } = await identity.signUp();
  const expired = await identity.createKey(caller, { expiresIn: '1h' });
  const revoked = await identity.createKey(caller);
  await identity.ask(caller, REVOKE, { id: revoked.id });
  identity.clock.advance(3_600_000);
  const input = { expiresIn: '1d' };
  t.equal(codeOf(await identity.ask(caller, UPDATE, { id: expired.id, input })), 'KEY_EXPIRED');
  t.equal(codeOf(await identity.ask(caller, UPDATE, { id: revoked.id, input })), 'ALREADY_REVOKED');
});

onEachStore('a key gives nothing to itself or to what it made', async (t, store) => {
  const identity = await startIdentity(t, store);
  const { caller } = await identity.signUp();
  const maker = await identity.createKey(caller, {
    permissions: ['READ', 'ADMIN'],
    expiresIn: '2d',
    ipRanges: ['10.0.0.0/8'],
  });
  const child = await identity.createKey(maker.caller, {
    permissions: ['READ'],
    expiresIn: '1d',
  });
  const neighbour = await identity.createKey(caller, { permissions: ['READ'] });
  const ask = (id: string, input: object) => identity.ask(maker.caller, UPDATE, { id, input });
  for (const id of [maker.id, child.id]) {
    t.equal(codeOf(await ask(id, { permissions: ['READ', 'WRITE', 'ADMIN'] })), 'FORBIDDEN');
    t.equal(codeOf(await ask(id, { scopes: ['read:all', 'app:access'] })), 'FORBIDDEN');
    t.equal(codeOf(await ask(id, { expiresIn: '3d' })), 'BAD_USER_INPUT');
    t.equal(codeOf(await ask(id, { expiresIn: 'never' })), 'BAD_USER_INPUT');
    t.equal(codeOf(await ask(id, { ipRanges: null })), 'FORBIDDEN');
    t.equal(codeOf(await ask(id, { ipRanges: ['0.0.0.0/0'] })), 'FORBIDDEN');
  }
  t.equal(codeOf(await ask(neighbour.id, { name: 'mine now' })), 'FORBIDDEN');
  t.equal((await ask(child.id, { permissions: ['READ', 'ADMIN'] })).errors, undefined);
  t.equal((await ask(child.id, { ipRanges: ['10.1.0.0/16'], expiresIn: '2d' })).errors, undefined);
  // A key that edits its maker could do so with rights that are about to be taken from it.
  const now = await callerOf(identity, child.key);
  const up = await identity.ask(now ?? child.caller, UPDATE, {
    id: maker.id,
    input: { permissions: ['READ'] },
  });
  t.equal(codeOf(up), 'FORBIDDEN');
});

onEachStore('what is taken from a key is taken from all that it made', async (t, store) => {
  const identity = await startIdentity(t, store);
  const { caller } = await identity.signUp();
  const admin = { permissions: ['READ', 'WRITE', 'ADMIN'], scopes: ['app:access'] };
  const maker = await identity.createKey(caller, admin);
  const child = await identity.createKey(maker.caller, admin);
  const grandchild = await identity.createKey(child.caller, {
    ...admin,
    expiresIn: '1h',
    ipRanges: ['10.1.0.0/16', '192.0.2.0/24'],
  });
  const input = {
    scopes: ['read:all', 'admin'],
    expiresIn: '1d',
    ipRanges: ['10.0.0.0/8'],
  };
  await identity.ask(caller, UPDATE, { id: maker.id, input });
  const end = identity.clock.now() + 24 * 3_600_000;
  t.match(await callerOf(identity, child.key), {
    permissions: { scopes: ['read:all', 'admin'] },
    expiresAt: end,
    addresses: ['10.0.0.0/8'],
  });
  t.match(await callerOf(identity, grandchild.key), {
    permissions: { scopes: ['read:all', 'admin'] },
    expiresAt: end - 23 * 3_600_000,
    addresses: ['10.1.0.0/16'],
  });
  // Nobody gives a key what its maker lacks, not even the owner.
  const wider = { permissions: ['READ', 'WRITE'] };
  const answer = await identity.ask(caller, UPDATE, { id: child.id, input: wider });
  t.equal(codeOf(answer), 'FORBIDDEN');
});

onEachStore('nothing is left of a key whose places its maker lost', async (t, store) => {
  const identity = await startIdentity(t, store);
  const { caller } = await identity.signUp();
  const projectIds: string[] = [];
  for (const name of ['one', 'two']) {
    const id = `project_${name}_${caller.subject}`;
    await identity.tables
      .insertInto('project')
      .values({
        id,
        organization_id: caller.organization ?? '',
        name,
        name_key: name,
        created_at: 1,
      })
      .execute();
    await identity.tables
      .insertInto('environment')
      .values({ id: `environment_${name}`, project_id: id, name: 'master', created_at: 1 })
      .execute();
    projectIds.push(id);
  }
  const [one = '', two = ''] = projectIds;
  const maker = await identity.createKey(caller, { permissions: ['READ', 'ADMIN'] });
  const child = await identity.createKey(maker.caller, { projectIds: [two] });
  await identity.ask(caller, UPDATE, { id: maker.id, input: { projectIds } });
  t.equal(child.caller.project, two);
  await identity.ask(caller, UPDATE, { id: maker.id, input: { projectIds: [one] } });
  t.equal(await callerOf(identity, child.key), null, 'no place is not every place');
});

onEachStore(
  'an id of elsewhere is unknown, and whoever governs edits what is there',
  async (t, store) => {
    const identity = await startIdentity(t, store);
    const { caller: owner } = await identity.signUp();
    const { caller: person } = await identity.signUp();
    const { caller: stranger } = await identity.signUp();
    const member = await join(identity, person, owner.organization, 'member');
    const made = await identity.createKey(member);
    const input = { name: 'other' };
    const unknown = `key_${'0'.repeat(22)}`;
    for (const query of [UPDATE, ROTATE, REVOKE]) {
      const answers = [];
      for (const id of [made.id, unknown, '', "' or 1=1 --"]) {
        // Their keys of another organization are not reached from here either.
        for (const who of [stranger, { ...member, organization: person.organization }]) {
          answers.push(await identity.ask(who, query, { id, input }));
        }
      }
      t.ok(answers.every((answer) => codeOf(answer) === 'NOT_FOUND'));
    }
    const { caller: colleague } = await identity.signUp();
    const other = await join(identity, colleague, owner.organization, 'member');
    t.equal(codeOf(await identity.ask(other, UPDATE, { id: made.id, input })), 'NOT_FOUND');
    t.match((await identity.ask(owner, UPDATE, { id: made.id, input })).data, {
      updateAPIKey: { name: 'other' },
    });
    const reader = await join(
      identity,
      (await identity.signUp()).caller,
      owner.organization,
      'read-only',
    );
    const narrow = await identity.createKey(reader);
    const wide = { permissions: ['READ', 'WRITE'] };
    const answer = await identity.ask(owner, UPDATE, { id: narrow.id, input: wide });
    t.equal(codeOf(answer), 'FORBIDDEN', 'more than its owner may do');
  },
);
