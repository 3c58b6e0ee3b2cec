import type { Caller } from '#contract/caller.ts';
import { findProject, mayUseProject } from '#subgraphs/identity/projects/find-project.ts';
import { defineIdentity } from '#subgraphs/identity/settings.ts';
import { startCompany } from '../../support/company.ts';
import { PASSWORD } from '../../support/running-identity.ts';
import { onEachStore } from '../../support/stores.ts';

const create = `mutation ($organizationId: ID, $name: String!) {
  createProject(input: { organizationId: $organizationId, name: $name }) {
    id name organization { slug } environments { id name isProduction project { name } } } }`;
const rename =
  'mutation ($id: ID!, $name: String!) { renameProject(id: $id, name: $name) { name } }';
const remove = 'mutation ($id: ID!) { deleteProject(id: $id) }';
const addEnvironment = `mutation ($projectId: ID!, $name: String!, $isProduction: Boolean) {
  createEnvironment(input: { projectId: $projectId, name: $name, isProduction: $isProduction }) {
    id name isProduction } }`;
const updateEnvironment = `mutation ($id: ID!, $name: String, $isProduction: Boolean) {
  updateEnvironment(id: $id, input: { name: $name, isProduction: $isProduction }) { name isProduction } }`;
const removeEnvironment = 'mutation ($id: ID!) { deleteEnvironment(id: $id) }';

onEachStore('a project comes with master and is found by its id and its name', async (t, store) => {
  const { people, get, code } = await startCompany(t, store);
  const { caller } = people.admin;
  const { createProject } = await get(caller, create, { name: 'Blog' });
  t.match(createProject, {
    name: 'Blog',
    organization: { slug: 'company' },
    environments: [{ name: 'master', isProduction: true, project: { name: 'Blog' } }],
  });
  const { id } = createProject;
  const byName = 'query ($name: String) { project(name: $name) { id } }';
  const byId = 'query ($id: ID) { project(id: $id) { id } }';
  t.strictSame(await get(caller, byName, { name: 'bLOG' }), { project: { id } });
  t.strictSame(await get(caller, byId, { id }), { project: { id } });
  t.equal(await code(caller, create, { name: 'blog' }), 'NAME_TAKEN');
  t.equal(await code(caller, create, { name: 'ｂｌｏｇ' }), 'NAME_TAKEN');
  t.equal(await code(caller, rename, { id, name: 'Default' }), 'NAME_TAKEN');
  t.equal(await code(caller, rename, { id, name: 'BLOG' }), 'OK', 'its own name in capitals');
  t.equal(await code(caller, rename, { id, name: '' }), 'BAD_USER_INPUT');
  t.equal(await code(caller, remove, { id }), 'OK');
  t.equal(await code(caller, remove, { id }), 'NOT_FOUND');
  t.equal(await code(caller, byId, { id }), 'NOT_FOUND');
});

onEachStore('environments have plain names, and master stays', async (t, store) => {
  const { people, get, code, projectId } = await startCompany(t, store);
  const { caller } = people.admin;
  for (const name of ['', 'Staging', '1a', 'a b', 'ä', 'x'.repeat(51), '-a']) {
    t.equal(await code(caller, addEnvironment, { projectId, name }), 'BAD_USER_INPUT', name);
  }
  const { createEnvironment } = await get(caller, addEnvironment, {
    projectId,
    name: 'production',
    isProduction: true,
  });
  t.match(createEnvironment, { name: 'production', isProduction: true });
  t.equal(await code(caller, addEnvironment, { projectId, name: 'production' }), 'NAME_TAKEN');
  const { project } = await get(
    caller,
    'query ($id: ID) { project(id: $id) { environments { id name } } }',
    { id: projectId },
  );
  const master = project.environments[0].id;
  t.equal(await code(caller, updateEnvironment, { id: master, name: 'main' }), 'BAD_USER_INPUT');
  t.equal(await code(caller, removeEnvironment, { id: master }), 'BAD_USER_INPUT');
  t.equal(await code(caller, updateEnvironment, { id: master, isProduction: true }), 'OK');
  t.equal(await code(caller, updateEnvironment, { id: master, name: 'master' }), 'OK');
  const { id } = createEnvironment;
  t.equal(await code(caller, updateEnvironment, { id, name: 'master' }), 'NAME_TAKEN');
  t.equal(await code(caller, updateEnvironment, { id }), 'BAD_USER_INPUT');
  t.equal(await code(caller, removeEnvironment, { id }), 'OK');
  t.equal(await code(caller, removeEnvironment, { id }), 'NOT_FOUND');
});

onEachStore(
  'gateways hear of what keys can be bound to, and the log says whose it was',
  async (t, store) => {
    const { people, get, identity, projectId, organizationId } = await startCompany(t, store);
    const { caller } = people.admin;
    const { createEnvironment } = await get(caller, addEnvironment, { projectId, name: 'staging' });
    const heard = new Set<string>();
    identity.identity.subscribe(({ touches, id }) => heard.add(`${touches}:${id}`));
    await get(caller, updateEnvironment, { id: createEnvironment.id, isProduction: true });
    t.ok(heard.has(`environment:${createEnvironment.id}`));
    heard.clear();
    await get(caller, remove, { id: projectId });
    t.ok(heard.has(`environment:${createEnvironment.id}`));
    t.ok(heard.has(`project:${projectId}`));
    const log = await identity.tables
      .selectFrom('identity_log')
      .select(['action', 'actor_id'])
      .where('organization_id', '=', organizationId)
      .where('action', 'like', '%.removed')
      .orderBy('sequence')
      .execute();
    t.same(
      log,
      ['environment.removed', 'environment.removed', 'project.removed'].map((action) => ({
        action,
        actor_id: people.admin.id,
      })),
    );
  },
);

onEachStore('there are no more projects and environments than is allowed', async (t, store) => {
  const settings = defineIdentity({ organizations: { maxProjects: 3, maxEnvironments: 3 } });
  const { people, code, projectId } = await startCompany(t, store, { settings });
  const { caller } = people.owner;
  const count = (codes: readonly unknown[]) => codes.filter((each) => each === 'OK').length;
  const names = ['a', 'b', 'c', 'd'];
  const projects = names.map((name) => code(caller, create, { name }));
  t.equal(count(await Promise.all(projects)), 2);
  const environments = names.map((name) => code(caller, addEnvironment, { projectId, name }));
  t.equal(count(await Promise.all(environments)), 2);
});

onEachStore('a deleted first project does not come back at the next sign-in', async (t, store) => {
  const { identity, stranger, get, resolve, code } = await startCompany(t, store);
  const all = '{ me { organizations { projects { id } } } }';
  const { me } = await get(stranger.caller, all);
  t.equal(await code(stranger.caller, remove, { id: me.organizations[0].projects[0].id }), 'OK');
  const answer = await identity.app.inject({
    method: 'POST',
    url: '/api/auth/sign-in/email',
    payload: { email: stranger.email, password: PASSWORD },
  });
  t.equal(answer.statusCode, 200);
  const { me: later } = await get(await resolve(stranger), all);
  t.strictSame(later.organizations, [{ projects: [] }]);
});

onEachStore(
  'a project is found among those that a caller may use, the own organization first',
  async (t, store) => {
    const { people, identity, organizationId, projectId, stranger } = await startCompany(t, store);
    const { tables } = identity;
    const theirs = stranger.caller.organization ?? '';
    const foreign = await findProject(tables, [theirs], 'DEFAULT');
    t.equal(foreign?.organizationId, theirs);
    t.equal(await findProject(tables, [theirs], projectId), null);
    t.equal(await findProject(tables, [], 'default'), null);
    t.equal((await findProject(tables, [organizationId, theirs], 'default'))?.id, projectId);
    t.equal((await findProject(tables, [theirs, organizationId], 'default'))?.id, foreign?.id);
    t.equal((await findProject(tables, [theirs, organizationId], projectId))?.id, projectId);

    const project = { id: projectId, organizationId };
    const { caller } = people.member;
    t.ok(mayUseProject(caller, project));
    t.notOk(mayUseProject(stranger.caller, project));
    t.ok(mayUseProject({ ...caller, project: projectId }, project, 'environment_1'));
    t.notOk(mayUseProject({ ...caller, project: 'project_other' }, project));
    const bound = { ...caller, project: projectId, environment: 'environment_1' };
    t.ok(mayUseProject(bound, project, 'environment_1'));
    t.notOk(mayUseProject(bound, project, 'environment_2'));
  },
);

onEachStore(
  'a key that is bound to a project governs and sees that one alone',
  async (t, store) => {
    const { people, identity, get, code, organizationId, projectId } = await startCompany(t, store);
    const { caller: owner } = people.owner;
    const { createProject: other } = await get(owner, create, { name: 'other' });
    const { createEnvironment } = await get(owner, addEnvironment, { projectId, name: 'staging' });
    const key = (await identity.createKey(owner, { permissions: ['READ', 'ADMIN'] })).caller;
    const bound: Caller = { ...key, project: projectId };
    const { organization } = await get(
      bound,
      '{ organization(slug: "company") { projects { id } } }',
    );
    t.strictSame(organization.projects, [{ id: projectId }]);
    t.equal(await code(bound, `{ project(id: "${other.id}") { id } }`), 'NOT_FOUND');
    t.equal(await code(bound, remove, { id: other.id }), 'NOT_FOUND');
    t.equal(await code(bound, remove, { id: 'unknown' }), 'NOT_FOUND');
    t.equal(await code(bound, create, { name: 'third' }), 'FORBIDDEN');
    const suspend = `mutation { suspendMember(organizationId: "${organizationId}", userId: "${people.member.id}") { id } }`;
    t.equal(await code(bound, suspend), 'FORBIDDEN');
    t.equal(await code(bound, rename, { id: projectId, name: 'mine' }), 'OK');

    const staging: Caller = { ...bound, environment: createEnvironment.id };
    const { project } = await get(
      staging,
      `{ project(id: "${projectId}") { environments { name } } }`,
    );
    t.strictSame(project.environments, [{ name: 'staging' }]);
    t.equal(await code(staging, rename, { id: projectId, name: 'ours' }), 'FORBIDDEN');
    t.equal(await code(staging, addEnvironment, { projectId, name: 'more' }), 'FORBIDDEN');
    t.equal(
      await code(staging, updateEnvironment, { id: createEnvironment.id, isProduction: true }),
      'OK',
    );
    t.equal(
      await code(staging, updateEnvironment, { id: other.environments[0].id, isProduction: true }),
      'NOT_FOUND',
    );
  },
);
