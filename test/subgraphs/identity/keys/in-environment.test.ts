import type { Caller } from '#contract/caller.ts';
import type { IdentityEvent } from '#contract/identity.ts';
import { encodeResolution } from '#contract/introspection.ts';
import { decide } from '#contract/permissions/decide.ts';
import { personalIds } from '#subgraphs/identity/organizations/personal-organization.ts';
import { codeOf } from '../../support/ask-subgraph.ts';
import { manyKeys, startIdentity, type TestIdentity } from '../../support/running-identity.ts';
import { onEachStore } from '../../support/stores.ts';
import { only } from './support.ts';

const CREATE_ENVIRONMENT = `mutation ($projectId: ID!, $name: String!) {
  createEnvironment(input: { projectId: $projectId, name: $name }) { id } }`;
const CREATE_PROJECT = `mutation ($name: String!) {
  createProject(input: { name: $name }) { id environments { id } } }`;
const DELETE_ENVIRONMENT = 'mutation ($id: ID!) { deleteEnvironment(id: $id) }';
const DELETE_PROJECT = 'mutation ($id: ID!) { deleteProject(id: $id) }';
const SET_STAGE = `mutation ($id: ID!, $stage: String!) {
  setDefaultStage(environmentId: $id, stage: $stage) { id } }`;
const everything = { permissions: ['READ', 'WRITE', 'ADMIN'] };

async function addEnvironment(
  identity: TestIdentity,
  caller: Caller,
  projectId: string,
  name: string,
): Promise<string> {
  const answer = await identity.ask(caller, CREATE_ENVIRONMENT, { projectId, name });
  return only<{ id: string }>(answer).id;
}

/** Somebody with two environments in their project, and a second project. */
async function setUp(identity: TestIdentity) {
  const signedUp = await identity.signUp();
  const { caller } = signedUp;
  const { project, environment: master } = personalIds(caller.subject ?? '');
  const staging = await addEnvironment(identity, caller, project, 'staging');
  const second = only<{ id: string; environments: [{ id: string }] }>(
    await identity.ask(caller, CREATE_PROJECT, { name: 'second' }),
  );
  const other = { project: second.id, environment: second.environments[0].id };
  return { ...signedUp, project, master, staging, other };
}

/** Where the caller of a credential is, or how it is refused. */
async function placeOf(
  { identity }: TestIdentity,
  text: string,
  inEnvironment?: string,
  kind: 'key' | 'session' = 'key',
) {
  const where = inEnvironment === undefined ? {} : { inEnvironment };
  const resolution = await identity.resolve({ kind, text, ...where });
  if (!resolution.active) return resolution.elsewhere === undefined ? 'nobody' : 'elsewhere';
  const { project, environment } = resolution.caller;
  return [project, environment];
}

onEachStore(
  'a key of several environments is in the one that a request names',
  async (t, store) => {
    const identity = await startIdentity(t, store, { settings: manyKeys });
    const { caller, project, master, staging, other } = await setUp(identity);
    const third = await addEnvironment(identity, caller, project, 'third');
    const stranger = await setUp(identity);
    const { key, caller: nowhere } = await identity.createKey(caller, {
      ...everything,
      environments: [master, staging],
    });
    t.match(nowhere, { project, environment: null, defaultStage: null });
    t.same(await placeOf(identity, key, master), [project, master]);
    t.same(await placeOf(identity, key, staging), [project, staging]);
    t.same(await placeOf(identity, key, 'staging'), [project, staging], 'by name in its project');
    const refused = [
      third,
      'third',
      other.environment,
      stranger.master,
      'none',
      '',
      'a b',
      project,
    ];
    const answers = [];
    for (const asked of refused) {
      const resolution = await identity.identity.resolve({
        kind: 'key',
        text: key,
        inEnvironment: asked,
      });
      answers.push(JSON.stringify(encodeResolution(resolution)));
    }
    t.equal(new Set(answers).size, 1, 'one answer for all');
    t.match(answers[0], /"active":false,.*"elsewhere":true/);
    t.equal(await placeOf(identity, `${key.slice(0, -1)}x`, master), 'nobody');

    const resolution = await identity.identity.resolve({
      kind: 'key',
      text: key,
      inEnvironment: staging,
    });
    if (!resolution.active) throw new Error('it is not there');
    const mayIn = (environment: string | null, { permissions }: Caller) =>
      decide(permissions, { action: 'READ', target: { type: 'Post' }, environment }).outcome;
    t.equal(mayIn(null, nowhere), 'deny', 'without one it may do nothing');
    t.equal(mayIn(staging, resolution.caller), 'allow');
    // In an environment a key governs nothing outside of it.
    const rename = `mutation { updateOrganization(id: "${caller.organization}", input: { name: "x" }) { id } }`;
    t.equal(codeOf(await identity.ask(resolution.caller, rename)), 'FORBIDDEN');
    for (const id of [project, other.project]) {
      const code = codeOf(await identity.ask(resolution.caller, DELETE_PROJECT, { id }));
      t.equal(code, id === project ? 'FORBIDDEN' : 'NOT_FOUND');
    }
  },
);

onEachStore(
  'other credentials are in the environments of what they are bound to',
  async (t, store) => {
    const identity = await startIdentity(t, store, { settings: manyKeys });
    const { caller, session, project, master, staging, other } = await setUp(identity);
    const stranger = await setUp(identity);
    const free = (await identity.createKey(caller)).key;
    const one = (await identity.createKey(caller, { environments: [master] })).key;
    const whole = (await identity.createKey(caller, { projectIds: [project] })).key;
    const both = (await identity.createKey(caller, { projectIds: [project, other.project] })).key;
    const there = other.environment;
    const table: readonly (readonly [string, string, 'key' | 'session', unknown])[] = [
      [free, staging, 'key', [project, staging]],
      [free, there, 'key', [other.project, there]],
      [free, 'staging', 'key', 'elsewhere'],
      [free, stranger.master, 'key', 'elsewhere'],
      [one, master, 'key', [project, master]],
      [one, 'master', 'key', [project, master]],
      [one, staging, 'key', 'elsewhere'],
      [whole, staging, 'key', [project, staging]],
      [whole, 'staging', 'key', [project, staging]],
      [whole, there, 'key', 'elsewhere'],
      [both, staging, 'key', [project, staging]],
      [both, there, 'key', [other.project, there]],
      [both, 'master', 'key', 'elsewhere'],
      [session, staging, 'session', [project, staging]],
      [session, stranger.master, 'session', 'elsewhere'],
      [session, 'staging', 'session', 'elsewhere'],
    ];
    for (const [index, [text, asked, kind, expected]] of table.entries()) {
      t.same(await placeOf(identity, text, asked, kind), expected, `row ${index}`);
    }
    t.same(await placeOf(identity, free), [null, null], 'without one as before');
    t.same(await placeOf(identity, session, undefined, 'session'), [null, null]);
  },
);

onEachStore('from another network not even this is told of a key', async (t, store) => {
  const identity = await startIdentity(t, store);
  const { caller, master } = await setUp(identity);
  const { key } = await identity.createKey(caller, {
    environments: [master],
    ipRanges: ['203.0.113.0/24'],
  });
  t.same(await identity.identity.resolve({ kind: 'key', text: key, inEnvironment: 'none' }), {
    active: false,
    asOfSequence: (await identity.identity.lease()) as number,
    elsewhere: { kind: 'elsewhere', addresses: ['203.0.113.0/24'] },
  });
});

onEachStore('a caller in an environment is told its default stage', async (t, store) => {
  const identity = await startIdentity(t, store);
  const { caller, session, master, staging } = await setUp(identity);
  const bound = await identity.createKey(caller, { environments: [master] });
  const several = await identity.createKey(caller, { environments: [master, staging] });
  const stageOf = async (kind: 'key' | 'session' | 'environment', text: string, asked?: string) => {
    const where = asked === undefined ? {} : { inEnvironment: asked };
    const resolution = await identity.identity.resolve({ kind, text, ...where });
    return resolution.active ? resolution.caller.defaultStage : undefined;
  };
  const all = async () => [
    await stageOf('key', bound.key),
    await stageOf('environment', master),
    await stageOf('key', several.key, master),
    await stageOf('session', session, master),
    await stageOf('key', several.key),
    await stageOf('session', session),
  ];
  t.same(await all(), ['PUBLISHED', 'PUBLISHED', 'PUBLISHED', 'PUBLISHED', null, null]);
  const heard: IdentityEvent[] = [];
  identity.identity.subscribe((event) => heard.push(event));
  only(await identity.ask(caller, SET_STAGE, { id: master, stage: 'DRAFT' }));
  t.match(heard, [{ touches: 'environment', id: master }], 'gateways hear of it');
  t.same(await all(), ['DRAFT', 'DRAFT', 'DRAFT', 'DRAFT', null, null]);
});

onEachStore('what happens to a place touches the keys of several places', async (t, store) => {
  const identity = await startIdentity(t, store, { settings: manyKeys });
  const { caller, project, master, staging, other } = await setUp(identity);
  const third = await addEnvironment(identity, caller, project, 'third');
  const environments = await identity.createKey(caller, { environments: [staging, third] });
  const projects = await identity.createKey(caller, { projectIds: [project, other.project] });
  const revoked = await identity.createKey(caller, { environments: [staging, third] });
  only(await identity.ask(caller, 'mutation ($id: ID!) { revokeAPIKey(id: $id) { id } }', revoked));
  // Neither of these is of several places.
  await identity.createKey(caller);
  await identity.createKey(caller, { environments: [master] });
  const heard: IdentityEvent[] = [];
  identity.identity.subscribe((event) => heard.push(event));
  const touched = () =>
    heard
      .splice(0)
      .flatMap(({ touches, id }) => (touches === 'credential' ? [id] : []))
      .sort();
  await addEnvironment(identity, caller, other.project, 'more');
  t.same(touched(), [projects.id], 'a new environment of one of its projects');
  only(await identity.ask(caller, DELETE_ENVIRONMENT, { id: staging }));
  t.same(touched(), [environments.id, projects.id].sort(), 'one that is gone');
  t.same(await placeOf(identity, environments.key), [project, third]);
  only(await identity.ask(caller, DELETE_PROJECT, { id: other.project }));
  t.same([...new Set(touched())], [projects.id], 'a project that is gone');
  t.same(await placeOf(identity, projects.key), [project, null]);
  const { actions } = {
    actions: await identity.tables
      .selectFrom('identity_log')
      .select('action')
      .distinct()
      .where('action', 'like', 'key.%ed')
      .where('touched_id', '=', projects.id)
      .orderBy('action')
      .execute(),
  };
  t.same(
    actions.map(({ action }) => action),
    ['key.created', 'key.environment_added', 'key.environment_removed', 'key.project_removed'],
  );
});

onEachStore('a grant for an environment may name it or tell its id', async (t, store) => {
  const identity = await startIdentity(t, store);
  const { caller, staging } = await setUp(identity);
  for (const environment of ['staging', staging]) {
    const { caller: key } = await identity.createKey(caller, {
      permissions: [],
      environments: [staging],
      grants: [
        { actions: ['READ'], on: 'Post', environments: [environment] },
        { actions: ['READ'], on: 'Author', environments: ['master'] },
      ],
    });
    const reads = (type: string) =>
      decide(key.permissions, {
        action: 'READ',
        target: { type, field: 'name' },
        environment: key.environment,
      }).outcome;
    t.equal(reads('Post'), 'allow', environment);
    t.equal(reads('Author'), 'deny', environment);
  }
});
