import { anonymousCaller } from '#contract/caller.ts';
import { permissionsOfRole } from '#subgraphs/identity/rights/role.ts';
import { type Company, startCompany } from '../../support/company.ts';
import { onEachStore } from '../../support/stores.ts';
import { CREATE, CREATE_ACCOUNT, callerOf, makeAccount } from '../keys/support.ts';
import { manyGrants, readPosts, SET_ROLE, writePosts } from './support.ts';

const manage = { actions: ['MANAGE'], on: '*' };

function setter({ organizationId, people, code }: Company) {
  return (role: string, grants: readonly unknown[] | null, caller = people.owner.caller) =>
    code(caller, SET_ROLE, { organizationId, role, grants });
}

onEachStore('an organization lets a role do less: members, agents, and keys', async (t, store) => {
  const company = await startCompany(t, store);
  const { identity, people, organizationId, code } = company;
  const set = setter(company);
  const owner = people.owner.caller;
  const switchTo = 'mutation ($id: ID!) { switchOrganization(id: $id) { id } }';
  t.equal(await code(people.member.caller, switchTo, { id: organizationId }), 'OK');
  const key = await identity.createKey(people.member.caller, { permissions: ['READ', 'WRITE'] });
  const serviceAccountId = await makeAccount(identity, owner);
  const agents = await identity.createKey(owner, {
    serviceAccountId,
    permissions: ['READ', 'WRITE'],
  });
  const owners = await identity.createKey(owner, { permissions: ['READ', 'WRITE'] });
  const told: string[] = [];
  t.teardown(identity.identity.subscribe(({ touches, id }) => told.push(`${touches}:${id}`)));

  t.equal(await set('MEMBER', [readPosts, manage]), 'OK');
  t.strictSame(told.splice(0), [`organization:${organizationId}`]);
  for (const { key: text } of [key, agents]) {
    t.match((await callerOf(identity, text))?.permissions, { scopes: [], grants: [readPosts] });
  }
  t.match((await company.resolve(people.member)).permissions, {
    scopes: ['admin', 'app:access'],
    grants: [manage, readPosts],
  });
  t.match((await callerOf(identity, owners.key))?.permissions.scopes, ['read:all', 'write:all']);
  const input = { name: 'a', permissions: ['WRITE'] };
  t.equal(await code(people.member.caller, CREATE, { input }), 'FORBIDDEN');

  t.equal(await set('MEMBER', [readPosts]), 'OK');
  t.strictSame(told.splice(0), [`organization:${organizationId}`]);
  t.equal(await set('MEMBER', null), 'OK');
  t.strictSame(told.splice(0), [`organization:${organizationId}`]);
  t.strictSame((await company.resolve(people.member)).permissions, permissionsOfRole.member);
  t.match((await callerOf(identity, agents.key))?.permissions.scopes, ['read:all', 'write:all']);
});

onEachStore('a role is never given more than it has, and an owner never less', async (t, store) => {
  const company = await startCompany(t, store);
  const { identity, organizationId, people } = company;
  const set = setter(company);
  t.equal(await set('READ_ONLY', [readPosts, writePosts]), 'BAD_USER_INPUT');
  t.equal(await set('OWNER', [readPosts]), 'BAD_USER_INPUT');
  t.equal(await set('OWNER', null), 'BAD_USER_INPUT');
  t.equal(await set('ADMIN', [{ actions: ['FLY'], on: '*' }]), 'BAD_USER_INPUT');
  // Whatever gets into the store.
  for (const [role, grants] of [
    ['owner', '[]'],
    ['read-only', JSON.stringify([writePosts])],
  ] as const) {
    await identity.tables
      .insertInto('organization_role_grants')
      .values({ organization_id: organizationId, role, grants, updated_at: 0 })
      .execute();
  }
  const owner = await identity.createKey(people.owner.caller, { permissions: ['READ', 'WRITE'] });
  t.match(owner.caller.permissions.scopes, ['read:all', 'write:all']);
  const reader = await identity.createKey(people['read-only'].caller, { scopes: ['x'] });
  await identity.tables
    .updateTable('api_key')
    .set({ scopes: 'read:all write:all' })
    .where('id', '=', reader.id)
    .execute();
  t.strictSame((await callerOf(identity, reader.key))?.permissions, { scopes: [], grants: [] });
});

onEachStore('a role that may not manage can still be left', async (t, store) => {
  const company = await startCompany(t, store);
  const { people, organizationId, code } = company;
  const set = setter(company);
  t.equal(await set('ADMIN', [readPosts]), 'OK');
  const { caller } = people.admin;
  const invite = `mutation ($organizationId: ID!) {
    createProject(input: { organizationId: $organizationId, name: "p" }) { id } }`;
  t.equal(await code(caller, invite, { organizationId }), 'FORBIDDEN');
  t.equal(await set('ADMIN', null, caller), 'FORBIDDEN');
  const leave = 'mutation ($id: ID!) { leaveOrganization(id: $id) }';
  t.equal(await code(caller, leave, { id: organizationId }), 'OK');
});

onEachStore('who is narrowed makes no agent that may do more', async (t, store) => {
  const company = await startCompany(t, store);
  const { people, code } = company;
  const set = setter(company);
  const create = (role: string) =>
    code(people.admin.caller, CREATE_ACCOUNT, { input: { name: role, role } });
  t.equal(await set('ADMIN', [readPosts, manage]), 'OK');
  t.equal(await create('MEMBER'), 'FORBIDDEN');
  t.equal(await create('ADMIN'), 'OK', 'which may do no more either');
});

onEachStore('role grants that no key could be told are refused', async (t, store) => {
  const company = await startCompany(t, store);
  const { identity, people } = company;
  const set = setter(company);
  const grants = Array.from({ length: 20 }, (_, n) => ({
    actions: ['READ'],
    on: '*',
    where: { [`a${n}`]: 1 },
  }));
  await identity.createKey(people.member.caller, { grants });
  const others = Array.from({ length: 20 }, (_, n) => ({
    actions: ['READ'],
    on: '*',
    where: { [`b${n}`]: 1 },
  }));
  t.equal(await set('MEMBER', others), 'PERMISSIONS_TOO_COMPLEX');
  t.equal(await set('MEMBER', manyGrants(20, 'T')), 'PERMISSIONS_TOO_COMPLEX');
  t.equal(await set('MEMBER', others.slice(0, 5)), 'OK');
});

onEachStore('what roles may do is read by those in the organization', async (t, store) => {
  const company = await startCompany(t, store);
  const { people, stranger, organizationId, code, get } = company;
  t.equal(await setter(company)('MEMBER', [readPosts]), 'OK');
  const query = `query ($id: ID!) {
    organization(id: $id) { roleGrants { role isNarrowed grants { actions on } } } }`;
  const { organization } = await get(people.admin.caller, query, { id: organizationId });
  t.match(organization.roleGrants, [
    { role: 'ADMIN', isNarrowed: false },
    { role: 'MEMBER', isNarrowed: true, grants: [readPosts] },
    { role: 'READ_ONLY', isNarrowed: false, grants: [{ actions: ['READ', 'MANAGE'], on: '*' }] },
  ]);
  t.equal(
    await code(people.member.caller, query, { id: organizationId }),
    'OK',
    'claims of before',
  );
  t.equal(await code(stranger.caller, query, { id: organizationId }), 'NOT_FOUND');
  t.equal(await code(anonymousCaller, query, { id: organizationId }), 'UNAUTHENTICATED');
});

onEachStore('what a role may do in an environment, its sessions may do there', async (t, store) => {
  const company = await startCompany(t, store);
  const { identity, organizationId, people } = company;
  const switchTo = 'mutation ($id: ID!) { switchOrganization(id: $id) { id } }';
  t.equal(await company.code(people.member.caller, switchTo, { id: organizationId }), 'OK');
  const create =
    'mutation ($input: CreateProjectInput!) { createProject(input: $input) { id environments { id } } }';
  const { data } = await identity.ask(people.owner.caller, create, {
    input: { name: 'Shop', organizationId },
  });
  const { createProject } = data as {
    createProject: { id: string; environments: { id: string }[] };
  };
  const [master] = createProject.environments;
  const readUsers = { actions: ['READ'], on: 'User' };
  const grants = [{ ...readPosts, environments: ['master'] }, readUsers];
  t.equal(await setter(company)('MEMBER', grants), 'OK');

  const at = async (place: object) => {
    const { session: text } = people.member;
    const found = await identity.identity.resolve({ kind: 'session', text, ...place });
    return found.active ? found.caller.permissions.grants : null;
  };
  t.match(await at({ inProject: 'shop' }), [{ on: 'Post', environments: [master?.id] }, readUsers]);
  const staging =
    'mutation ($id: ID!) { createEnvironment(input: { projectId: $id, name: "s" }) { id } }';
  t.equal(await company.code(people.owner.caller, staging, { id: createProject.id }), 'OK');
  t.match(await at({ inProject: 'shop', inEnvironment: 's' }), [readUsers]);
});
