import { anonymousCaller } from '#contract/caller.ts';
import { codeOf } from '../../support/ask-subgraph.ts';
import { startIdentity, withScopes } from '../../support/running-identity.ts';
import { onEachStore } from '../../support/stores.ts';
import { CREATE, CREATE_ACCOUNT, callerOf, join, makeAccount, only } from './support.ts';

const mutations = {
  update:
    'mutation ($id: ID!) { updateServiceAccount(id: $id, input: { role: READ_ONLY }) { id role } }',
  suspend: 'mutation ($id: ID!) { suspendServiceAccount(id: $id) { id suspendedAt } }',
  resume: 'mutation ($id: ID!) { resumeServiceAccount(id: $id) { id suspendedAt } }',
  remove: 'mutation ($id: ID!) { removeServiceAccount(id: $id) { id revokedKeys } }',
};

onEachStore('an agent calls with a key of its own and sees who it is', async (t, store) => {
  const identity = await startIdentity(t, store);
  const { caller } = await identity.signUp();
  const id = await makeAccount(identity, caller, { description: 'deploys' });
  const made = only<{ key: string; apiKey: Record<string, unknown> }>(
    await identity.ask(caller, CREATE, {
      input: { name: 'a', serviceAccountId: id, permissions: ['READ', 'WRITE', 'ADMIN'] },
    }),
  );
  t.match(made.apiKey, { owner: null, serviceAccount: { id, name: 'bot' } });
  const agent = await callerOf(identity, made.key);
  if (agent === null) throw new Error('the key is nobody’s');
  t.match(agent, { kind: 'key', subject: id, organization: caller.organization });
  const who = `{ me { id } viewer { id name email serviceAccount { id role description } }
    apiKeys { nodes { serviceAccount { id } } } }`;
  t.strictSame((await identity.ask(agent, who)).data, {
    me: null,
    viewer: {
      id,
      name: 'bot',
      email: null,
      serviceAccount: { id, role: 'MEMBER', description: 'deploys' },
    },
    apiKeys: { nodes: [{ serviceAccount: { id } }] },
  });
  const entity = `{ _entities(representations: [{ __typename: "User", id: "${id}" }]) { ... on User { name } } }`;
  t.strictSame((await identity.ask(caller, entity)).data, { _entities: [{ name: 'bot' }] });
  const { caller: stranger } = await identity.signUp();
  t.strictSame((await identity.ask(stranger, entity)).data, { _entities: [null] });
  // A key of its own that it makes is its own, too, and it governs nothing.
  const own = only<{ apiKey: Record<string, unknown> }>(
    await identity.ask(agent, CREATE, { input: { name: 'b' } }),
  );
  t.match(own.apiKey, { serviceAccount: { id } });
  t.equal(codeOf(await identity.ask(agent, CREATE_ACCOUNT, { input: { name: 'c' } })), 'FORBIDDEN');
});

onEachStore(
  'a suspended agent’s keys stop at once, and go on when it is resumed',
  async (t, store) => {
    const identity = await startIdentity(t, store);
    const { caller } = await identity.signUp();
    const id = await makeAccount(identity, caller);
    const { key, caller: agent } = await identity.createKey(caller, {
      serviceAccountId: id,
      permissions: ['READ', 'ADMIN'],
    });
    const heard: unknown[] = [];
    identity.identity.subscribe(({ touches, id: touched }) => heard.push([touches, touched]));
    await identity.ask(caller, mutations.suspend, { id });
    t.strictSame(heard, [['subject', id]]);
    t.equal(await callerOf(identity, key), null);
    // Claims that are still good make nothing.
    t.equal(codeOf(await identity.ask(agent, CREATE, { input: { name: 'a' } })), 'UNAUTHENTICATED');
    const input = { name: 'a', serviceAccountId: id };
    t.equal(codeOf(await identity.ask(caller, CREATE, { input })), 'FORBIDDEN');
    await identity.ask(caller, mutations.suspend, { id });
    t.equal(heard.length, 1, 'twice is once');
    await identity.ask(caller, mutations.resume, { id });
    t.ok(await callerOf(identity, key));
  },
);

onEachStore('less of a role is less for every key, and removal ends them', async (t, store) => {
  const identity = await startIdentity(t, store);
  const { caller } = await identity.signUp();
  const id = await makeAccount(identity, caller, { role: 'ADMIN' });
  const all = { permissions: ['READ', 'WRITE', 'ADMIN'] };
  const made = await identity.createKey(caller, { serviceAccountId: id, ...all });
  const other = await makeAccount(identity, caller, { name: 'other' });
  const child = await identity.createKey(made.caller, { serviceAccountId: other });
  await identity.ask(caller, mutations.update, { id });
  t.strictSame((await callerOf(identity, made.key))?.permissions.scopes, ['read:all', 'admin']);
  const input = { name: 'a', serviceAccountId: id, permissions: ['WRITE'] };
  t.equal(codeOf(await identity.ask(caller, CREATE, { input })), 'FORBIDDEN');
  t.match((await identity.ask(caller, mutations.remove, { id })).data, {
    removeServiceAccount: { id, revokedKeys: 2 },
  });
  t.equal(await callerOf(identity, made.key), null);
  t.equal(await callerOf(identity, child.key), null, 'what it made for another one');
  t.equal(codeOf(await identity.ask(caller, mutations.remove, { id })), 'NOT_FOUND');
});

onEachStore('an agent outlives the person who made it', async (t, store) => {
  const identity = await startIdentity(t, store);
  const { caller: owner } = await identity.signUp();
  const admin = await join(identity, (await identity.signUp()).caller, owner.organization, 'admin');
  const id = await makeAccount(identity, admin);
  const { key } = await identity.createKey(admin, { serviceAccountId: id });
  await identity.tables
    .deleteFrom('member')
    .where('userId', '=', admin.subject ?? '')
    .where('organizationId', '=', owner.organization ?? '')
    .execute();
  t.ok(await callerOf(identity, key));
});

onEachStore(
  'only those who govern change service accounts, and only their own',
  async (t, store) => {
    const identity = await startIdentity(t, store);
    const { caller: owner } = await identity.signUp();
    const { caller: stranger } = await identity.signUp();
    const member = await join(
      identity,
      (await identity.signUp()).caller,
      owner.organization,
      'member',
    );
    const id = await makeAccount(identity, owner);
    const keyOfMember = { name: 'a', serviceAccountId: id };
    t.equal(codeOf(await identity.ask(member, CREATE, { input: keyOfMember })), 'FORBIDDEN');
    t.equal(codeOf(await identity.ask(stranger, CREATE, { input: keyOfMember })), 'NOT_FOUND');
    t.equal(
      codeOf(await identity.ask(member, CREATE_ACCOUNT, { input: { name: 'x' } })),
      'FORBIDDEN',
    );
    for (const query of Object.values(mutations)) {
      t.equal(codeOf(await identity.ask(member, query, { id })), 'FORBIDDEN', query);
      for (const each of [id, 'sa_unknown', '']) {
        t.equal(codeOf(await identity.ask(stranger, query, { id: each })), 'NOT_FOUND', query);
      }
      t.equal(
        codeOf(await identity.ask(withScopes(owner, 'read:all'), query, { id })),
        'FORBIDDEN',
      );
      t.equal(codeOf(await identity.ask(anonymousCaller, query, { id })), 'UNAUTHENTICATED');
    }
    const find = 'query ($id: ID!) { serviceAccount(id: $id) { id name } }';
    t.match((await identity.ask(member, find, { id })).data, { serviceAccount: { id } });
    t.equal(codeOf(await identity.ask(stranger, find, { id })), 'NOT_FOUND');
    t.equal(codeOf(await identity.ask(anonymousCaller, find, { id })), 'UNAUTHENTICATED');
    const list =
      '{ serviceAccounts(first: 1) { nodes { id } pageInfo { hasNextPage endCursor } } }';
    t.match((await identity.ask(member, list)).data, { serviceAccounts: { nodes: [{ id }] } });
    t.match((await identity.ask(stranger, list)).data, { serviceAccounts: { nodes: [] } });
    t.equal(codeOf(await identity.ask(anonymousCaller, list)), 'UNAUTHENTICATED');
  },
);

onEachStore(
  'nobody makes an agent that may do more, or one that is called like another',
  async (t, store) => {
    const identity = await startIdentity(t, store);
    const { caller } = await identity.signUp();
    const key = await identity.createKey(caller, { permissions: ['READ', 'ADMIN'] });
    const ask = (who: typeof caller, input: object) => identity.ask(who, CREATE_ACCOUNT, { input });
    t.equal(codeOf(await ask(key.caller, { name: 'x', role: 'ADMIN' })), 'FORBIDDEN');
    t.equal((await ask(key.caller, { name: 'x', role: 'READ_ONLY' })).errors, undefined);
    await makeAccount(identity, caller, { name: 'Deploy Bot' });
    for (const name of ['deploy bot', 'Deploy  Bot', 'ＤＥＰＬＯＹ Bot', ' Deploy\u00a0Bot']) {
      t.equal(codeOf(await ask(caller, { name })), 'BAD_USER_INPUT', name);
    }
    t.equal(
      codeOf(await ask(caller, { name: 'y', description: 'x'.repeat(501) })),
      'BAD_USER_INPUT',
    );
    t.equal(codeOf(await ask(caller, { name: 'y', description: 'a\u0000b' })), 'BAD_USER_INPUT');
    t.equal(codeOf(await ask(caller, { name: 'y', role: 'OWNER' })), 'BAD_USER_INPUT');
  },
);
