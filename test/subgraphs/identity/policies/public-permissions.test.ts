import { anonymousCaller, type Caller } from '#contract/caller.ts';
import { decodeResolution, encodeResolution } from '#contract/introspection.ts';
import { type Company, startCompany } from '../../support/company.ts';
import { onEachStore } from '../../support/stores.ts';
import { readPosts, writePosts } from './support.ts';

const SET = `mutation ($environmentId: ID!, $grants: [GrantInput!]!, $allowMutations: Boolean) {
  setPublicPermissions(environmentId: $environmentId, grants: $grants, allowMutations: $allowMutations) {
    id publicPermissions { actions on stages locales } } }`;
const INITIALIZE = `mutation ($environmentId: ID!) {
  initializePublicPermissions(environmentId: $environmentId) { publicPermissions { actions on stages } } }`;
const STAGE = `mutation ($environmentId: ID!, $stage: String!) {
  setDefaultStage(environmentId: $environmentId, stage: $stage) { defaultStage } }`;
const PROJECT = `query ($id: ID!) { project(id: $id) {
  environments { id name publicPermissions { actions on stages locales } defaultStage } } }`;
const CREATE_ENVIRONMENT = `mutation ($input: CreateEnvironmentInput!) {
  createEnvironment(input: $input) { id } }`;

const published = { actions: ['READ'], on: '*', stages: ['PUBLISHED'] };

async function start(...[t, store]: Parameters<typeof startCompany>) {
  const company = await startCompany(t, store);
  const { people, projectId, get } = company;
  const owner = people.owner.caller;
  const { project } = await get(owner, PROJECT, { id: projectId });
  const environmentId: string = project.environments[0].id;
  return { ...company, owner, environmentId, first: project.environments[0] };
}

/** Anybody in an environment; null when it is not there. */
async function anybodyIn(
  { identity }: Company,
  text: string,
  inProject?: string,
): Promise<Caller | null> {
  const place = inProject === undefined ? {} : { inProject };
  const resolution = await identity.identity.resolve({ kind: 'environment', text, ...place });
  return resolution.active ? resolution.caller : null;
}

onEachStore('a new environment is closed to everybody', async (t, store) => {
  const company = await start(t, store);
  const { environmentId, first, projectId, organizationId } = company;
  t.match(first, { publicPermissions: [], defaultStage: 'PUBLISHED' });
  const anybody = await anybodyIn(company, environmentId);
  t.ok(Object.isFrozen(anybody));
  t.strictSame(
    { ...anybody, asOfSequence: 0 },
    {
      ...anonymousCaller,
      environment: environmentId,
      defaultStage: 'PUBLISHED',
      project: projectId,
      organization: organizationId,
    },
  );
  for (const text of ['master', environmentId]) {
    t.strictSame((await anybodyIn(company, text, projectId))?.environment, environmentId, text);
    for (const project of ['Personal', 'project_x', '', "a'b", 'a\0', 'a'.repeat(129)]) {
      t.equal(await anybodyIn(company, text, project), null, `${text} of another project`);
    }
  }
  t.equal(await anybodyIn(company, 'master'), null, 'a name counts in a project alone');
  for (const text of ['', 'unknown', `${environmentId}x`, "a'b", 'a\0', 'a'.repeat(129)]) {
    t.equal(await anybodyIn(company, text), null, JSON.stringify(text));
  }
});

onEachStore('what is open to everybody is told at once, and ends at once', async (t, store) => {
  const company = await start(t, store);
  const { identity, owner, environmentId, get } = company;
  const told: string[] = [];
  t.teardown(identity.identity.subscribe(({ touches, id }) => told.push(`${touches}:${id}`)));
  const grant = { ...readPosts, stages: ['PUBLISHED', 'QA'], locales: ['en'] };
  const where = { id: 'post_1' };
  const open = { environmentId, grants: [{ ...grant, where }] };
  t.match((await get(owner, SET, open)).setPublicPermissions.publicPermissions, [grant]);
  t.strictSame(told.splice(0), [`environment:${environmentId}`]);
  const anybody = await anybodyIn(company, environmentId);
  t.match(anybody, { kind: 'anonymous', subject: null, permissions: { grants: [grant] } });
  t.equal(anybody?.permissions.grants.length, 1);
  t.ok(anybody?.permissions.grants[0]?.where);

  await get(owner, SET, { environmentId, grants: [] });
  t.strictSame(told.splice(0), [`environment:${environmentId}`]);
  t.strictSame((await anybodyIn(company, environmentId))?.permissions.grants, []);
});

onEachStore(
  'mutations have to be opened in so many words, and MANAGE never is',
  async (t, store) => {
    const company = await start(t, store);
    const { owner, environmentId, code } = company;
    const set = (grants: readonly unknown[], allowMutations?: boolean) =>
      code(owner, SET, { environmentId, grants, allowMutations });
    t.equal(await set([readPosts, writePosts]), 'BAD_USER_INPUT');
    t.equal(await set([readPosts, writePosts], false), 'BAD_USER_INPUT');
    t.equal(await set([{ actions: ['MANAGE'], on: '*' }], true), 'BAD_USER_INPUT');
    t.equal(await set([{ ...readPosts, environments: ['master'] }]), 'BAD_USER_INPUT');
    t.equal(await set([{ actions: ['READ'], on: 'a b' }]), 'BAD_USER_INPUT');
    t.strictSame((await anybodyIn(company, environmentId))?.permissions.grants, []);
    t.equal(await set([readPosts, writePosts], true), 'OK');
    t.match((await anybodyIn(company, environmentId))?.permissions.grants, [
      { actions: ['READ', 'CREATE', 'UPDATE'], on: 'Post' },
    ]);
  },
);

onEachStore('the defaults open what is published, where nothing is open', async (t, store) => {
  const company = await start(t, store);
  const { owner, environmentId, code, get } = company;
  const done = await get(owner, INITIALIZE, { environmentId });
  t.strictSame(done.initializePublicPermissions.publicPermissions, [published]);
  t.equal(await code(owner, INITIALIZE, { environmentId }), 'OK', 'again');
  t.match((await anybodyIn(company, environmentId))?.permissions.grants, [published]);
  t.equal(await code(owner, SET, { environmentId, grants: [readPosts] }), 'OK');
  t.equal(await code(owner, INITIALIZE, { environmentId }), 'BAD_USER_INPUT', 'something else is');
});

onEachStore('nobody opens to everybody what is closed to themselves', async (t, store) => {
  const company = await start(t, store);
  const { identity, people, environmentId, code } = company;
  const key = (await identity.createKey(people.admin.caller, { permissions: ['ADMIN'] })).caller;
  t.equal(await code(key, SET, { environmentId, grants: [readPosts] }), 'FORBIDDEN');
  t.equal(await code(key, INITIALIZE, { environmentId }), 'FORBIDDEN');
  t.equal(await code(people.admin.caller, SET, { environmentId, grants: [readPosts] }), 'OK');
  t.equal(await code(key, SET, { environmentId, grants: [readPosts] }), 'OK', 'it was open');
  t.equal(await code(key, SET, { environmentId, grants: [] }), 'OK');
});

onEachStore('a stage is said for each environment, and no other changes', async (t, store) => {
  const company = await start(t, store);
  const { owner, environmentId, projectId, code, get } = company;
  const other = await get(owner, CREATE_ENVIRONMENT, { input: { projectId, name: 'staging' } });
  const staging = other.createEnvironment.id;
  await get(owner, INITIALIZE, { environmentId });
  const done = await get(owner, STAGE, { environmentId, stage: 'DRAFT' });
  t.equal(done.setDefaultStage.defaultStage, 'DRAFT');
  for (const stage of ['', 'a b', '1', 'a'.repeat(65), 'a-b']) {
    t.equal(await code(owner, STAGE, { environmentId, stage }), 'BAD_USER_INPUT', stage);
  }
  const { project } = await get(owner, PROJECT, { id: projectId });
  t.match(project.environments, [
    { id: environmentId, publicPermissions: [published], defaultStage: 'DRAFT' },
    { id: staging, publicPermissions: [], defaultStage: 'PUBLISHED' },
  ]);
  t.strictSame((await anybodyIn(company, staging))?.permissions.grants, []);
  t.equal(
    await code(owner, 'mutation ($id: ID!) { deleteEnvironment(id: $id) }', { id: staging }),
    'OK',
  );
  t.equal(await anybodyIn(company, staging), null);
});

onEachStore('anybody in an environment is nobody to identity', async (t, store) => {
  const company = await start(t, store);
  const { owner, environmentId, projectId, organizationId, code, get } = company;
  const grants = [{ actions: ['READ', 'CREATE', 'UPDATE', 'DELETE'], on: '*' }];
  await get(owner, SET, { environmentId, grants, allowMutations: true });
  const anybody = await anybodyIn(company, environmentId);
  if (anybody === null) throw new Error('the environment is there');
  for (const query of [
    '{ me { id } }',
    '{ viewer { id } }',
    '{ apiKeys { nodes { id } } }',
    '{ organizations { nodes { id } } }',
    '{ serviceAccounts { nodes { id } } }',
    '{ auditLog { nodes { action } } }',
    `{ organization(id: "${organizationId}") { scopes { name } } }`,
    `{ project(id: "${projectId}") { environments { publicPermissions { on } } } }`,
    'mutation { createAPIKey(input: { name: "a" }) { key } }',
    `mutation { setPublicPermissions(environmentId: "${environmentId}", grants: []) { id } }`,
    `mutation { defineScope(organizationId: "${organizationId}", name: "a", grants: []) { name } }`,
  ]) {
    t.equal(await code(anybody, query), 'UNAUTHENTICATED', query);
  }
});

onEachStore('a gateway in another process learns who anybody is', async (t, store) => {
  const company = await start(t, store);
  const { owner, environmentId, get } = company;
  await get(owner, INITIALIZE, { environmentId });
  const resolution = await company.identity.identity.resolve({
    kind: 'environment',
    text: environmentId,
  });
  const wire = JSON.parse(JSON.stringify(encodeResolution(resolution)));
  t.same(decodeResolution(wire), resolution);
  for (const change of [
    { env: undefined },
    { org: undefined },
    { project: undefined },
    { jti: 'key_1' },
    { sub: 'user_1' },
    { exp: 1 },
  ]) {
    t.equal(decodeResolution({ ...wire, ...change }), null, JSON.stringify(change));
  }
});
