import type { AskedPlace } from '#contract/identity.ts';
import type { TestIdentity } from '../../support/running-identity.ts';
import { startIdentity } from '../../support/running-identity.ts';
import { onEachStore } from '../../support/stores.ts';

type Caller = Parameters<TestIdentity['ask']>[0];

/** A project with the environments `master`, `staging` and `tests`, in this order; the ids by name. */
async function makeProject(identity: TestIdentity, caller: Caller, name: string) {
  const run = async (source: string, input: object) => {
    const { data, errors } = await identity.ask(caller, source, { input });
    if (errors) throw new Error(errors[0]?.message);
    return data as Record<string, { id: string; environments?: { id: string; name: string }[] }>;
  };
  const { createProject } = await run(
    'mutation ($input: CreateProjectInput!) { createProject(input: $input) { id environments { id name } } }',
    { name },
  );
  const projectId = createProject?.id ?? '';
  const environments = new Map(createProject?.environments?.map(({ id, name }) => [name, id]));
  for (const environment of ['staging', 'tests']) {
    identity.clock.advance(1);
    const { createEnvironment } = await run(
      'mutation ($input: CreateEnvironmentInput!) { createEnvironment(input: $input) { id } }',
      { projectId, name: environment },
    );
    environments.set(environment, createEnvironment?.id ?? '');
  }
  const of = (each: string) => environments.get(each) ?? '';
  return { id: projectId, master: of('master'), staging: of('staging'), tests: of('tests') };
}

onEachStore('a session is in a project of its organization, by id or name', async (t, store) => {
  const identity = await startIdentity(t, store);
  const { caller, session } = await identity.signUp();
  const { caller: stranger } = await identity.signUp();
  const project = await makeProject(identity, caller, 'Shop');
  const foreign = await makeProject(identity, stranger, 'Foreign');
  const at = async (place: AskedPlace = {}) => {
    const found = await identity.identity.resolve({
      kind: 'session',
      text: session,
      ...place,
    });
    return found.active ? [found.caller.project, found.caller.environment] : null;
  };
  t.strictSame(await at(), [null, null]);
  for (const name of [project.id, 'Shop', 'shop', ' SHOP ']) {
    t.strictSame(await at({ inProject: name }), [project.id, project.master], name);
  }
  for (const environment of ['staging', project.staging]) {
    t.strictSame(await at({ inProject: 'Shop', inEnvironment: environment }), [
      project.id,
      project.staging,
    ]);
  }
  const nowhere: AskedPlace[] = [
    { inProject: foreign.id },
    { inProject: 'Foreign' },
    { inProject: 'Sho' },
    { inProject: '' },
    { inProject: 'a\0b' },
    { inProject: '\ud800' },
    { inProject: 'x'.repeat(100_000) },
    { inProject: project.id, inEnvironment: 'nothing' },
    { inProject: project.id, inEnvironment: foreign.master },
    { inProject: project.id, inEnvironment: 'a\0b' },
  ];
  for (const place of nowhere) t.equal(await at(place), null, JSON.stringify(place).slice(0, 60));
});

onEachStore('a key is only where it is bound, and in an environment it has', async (t, store) => {
  const identity = await startIdentity(t, store);
  const { caller } = await identity.signUp();
  const shop = await makeProject(identity, caller, 'Shop');
  const blog = await makeProject(identity, caller, 'Blog');
  const at = async (key: string, project: string, environment?: string) => {
    const place = { inProject: project, ...(environment && { inEnvironment: environment }) };
    const found = await identity.identity.resolve({ kind: 'key', text: key, ...place });
    return found.active ? found.caller.environment : null;
  };
  const make = async (input: object) => (await identity.createKey(caller, { ...input })).key;

  const free = await make({});
  t.equal(await at(free, 'shop'), shop.master);
  t.equal(await at(free, 'blog', 'tests'), blog.tests);
  const ofShop = await make({ projectIds: [shop.id] });
  t.equal(await at(ofShop, shop.id), shop.master);
  t.equal(await at(ofShop, blog.id), null);
  const ofStages = await make({ environments: [shop.tests, shop.staging, blog.tests] });
  t.equal(await at(ofStages, 'shop'), shop.staging, 'the oldest of them, where master is not');
  t.equal(await at(ofStages, 'shop', 'tests'), shop.tests);
  t.equal(await at(ofStages, 'shop', 'master'), null);
  t.equal(await at(ofStages, 'blog'), blog.tests);
  t.equal(await at('cst_test_nonsense', 'shop'), null);
});

onEachStore('in a place only what is granted there counts', async (t, store) => {
  const identity = await startIdentity(t, store);
  const { caller } = await identity.signUp();
  const shop = await makeProject(identity, caller, 'Shop');
  const grants = [
    { actions: ['READ'], on: 'Post', environments: ['staging'] },
    { actions: ['READ'], on: 'User', environments: [shop.master] },
  ];
  const { key } = await identity.createKey(caller, { grants });
  const granted = async (environment: string) => {
    const place = { inProject: 'shop', inEnvironment: environment };
    const found = await identity.identity.resolve({ kind: 'key', text: key, ...place });
    return found.active ? found.caller.permissions.grants.map(({ on }) => on) : null;
  };
  t.strictSame(await granted('staging'), ['Post']);
  t.strictSame(await granted('master'), ['User']);
  t.strictSame(await granted('tests'), []);
});
