import { anonymousCaller } from '#contract/caller.ts';
import { defineIdentity } from '#subgraphs/identity/settings.ts';
import { startCompany } from '../../support/company.ts';
import { onEachStore } from '../../support/stores.ts';

const create = `mutation ($name: String!, $slug: String) {
  createOrganization(input: { name: $name, slug: $slug }) { id name slug role isPersonal
    projects { name environments { name isProduction } } members { nodes { role } } } }`;

onEachStore('whoever makes an organization owns it, with a first project', async (t, store) => {
  const { stranger, get, identity } = await startCompany(t, store);
  identity.clock.advance(1000);
  const { createOrganization } = await get(stranger.caller, create, { name: ' Größe & Söhne ' });
  t.match(createOrganization, {
    name: 'Größe & Söhne',
    slug: /^gro-e-sohne-[0-9a-z]{11}$/,
    role: 'OWNER',
    isPersonal: false,
    projects: [{ name: 'default', environments: [{ name: 'master', isProduction: true }] }],
    members: { nodes: [{ role: 'OWNER' }] },
  });
  const { me } = await get(
    stranger.caller,
    '{ me { organizations { id role isPersonal members { nodes { user { email } } } projects { environments { name } } } } }',
  );
  t.match(me.organizations, [
    { isPersonal: true },
    { id: createOrganization.id, members: { nodes: [{ user: { email: stranger.email } }] } },
  ]);
  // A key is for one organization, and makes no other.
  const key = (await identity.createKey(stranger.caller, { permissions: ['READ', 'ADMIN'] }))
    .caller;
  t.strictSame((await get(key, '{ organizations { nodes { id } } }')).organizations.nodes, [
    { id: stranger.caller.organization },
  ]);
});

onEachStore('a slug is unique, plain and not reserved', async (t, store) => {
  const { stranger, people, code, organizationId } = await startCompany(t, store);
  const { caller } = stranger;
  for (const slug of [
    'a',
    'Firm',
    'fi rm',
    'fіrm',
    'ﬁrm',
    '-firm',
    'firm-',
    'fi--rm',
    'x'.repeat(61),
    '',
    'admin',
    'graphql',
    'personal-abc',
  ]) {
    t.equal(await code(caller, create, { name: 'Firm', slug }), 'BAD_USER_INPUT', slug);
  }
  t.equal(await code(caller, create, { name: 'Firm', slug: 'company' }), 'NAME_TAKEN');
  t.equal(await code(caller, create, { name: ' ', slug: 'firm' }), 'BAD_USER_INPUT');
  t.equal(await code(caller, create, { name: 'Firm', slug: 'firm' }), 'OK');
  const update = `mutation ($id: ID!, $input: UpdateOrganizationInput!) {
    updateOrganization(id: $id, input: $input) { name slug } }`;
  const change = (input: object) =>
    code(people.owner.caller, update, { id: organizationId, input });
  t.equal(await change({ slug: 'firm' }), 'NAME_TAKEN');
  t.equal(await change({}), 'BAD_USER_INPUT');
  t.equal(await change({ slug: 'company-2', name: 'Other' }), 'OK');
});

onEachStore(
  'nobody owns more organizations than is allowed, however fast they ask',
  async (t, store) => {
    const settings = defineIdentity({ organizations: { maxOwned: 3 } });
    const { stranger, code } = await startCompany(t, store, { settings });
    const attempts = Array.from({ length: 6 }, (_, index) =>
      code(stranger.caller, create, { name: `Firm ${index}` }),
    );
    const codes = await Promise.all(attempts);
    t.equal(codes.filter((each) => each === 'OK').length, 2);
    t.equal(codes.filter((each) => each === 'LIMIT_REACHED').length, 4);
  },
);

onEachStore(
  'a session speaks in the name of the organization that it was switched to',
  async (t, store) => {
    const company = await startCompany(t, store);
    const { identity, people, organizationId, code, resolve, stranger } = company;
    const { member, owner } = people;
    const personal = `org_${member.id.slice('user_'.length)}`;
    t.equal((await resolve(member)).organization, personal);
    const heard: unknown[] = [];
    identity.identity.subscribe(({ touches, id }) => heard.push({ touches, id }));
    const switchTo = 'mutation ($id: ID!) { switchOrganization(id: $id) { id role } }';
    t.equal(await code(await resolve(member), switchTo, { id: organizationId }), 'OK');
    t.strictSame(heard, [{ touches: 'credential', id: member.caller.credentialId }]);
    const inside = await resolve(member);
    t.equal(inside.organization, organizationId);
    const { caller: made } = await identity.createKey(inside);
    t.equal(made.organization, organizationId, 'its keys are for that organization');
    // Another session of the same person is where it was.
    t.equal(await code(await resolve(stranger), switchTo, { id: organizationId }), 'NOT_FOUND');
    const suspend = `mutation ($organizationId: ID!, $userId: ID!) {
    suspendMember(organizationId: $organizationId, userId: $userId) { id } }`;
    await code(owner.caller, suspend, { organizationId, userId: member.id });
    t.equal((await resolve(member)).organization, personal);
    t.equal(await code(await resolve(member), switchTo, { id: organizationId }), 'NOT_FOUND');
    await code(owner.caller, suspend.replace('suspend', 'reactivate'), {
      organizationId,
      userId: member.id,
    });
    t.equal((await resolve(member)).organization, organizationId);
  },
);

onEachStore('a role counts where it is: rights go with the organization', async (t, store) => {
  const { people, resolve, code, organizationId } = await startCompany(t, store);
  const reader = people['read-only'];
  t.strictSame((await resolve(reader)).permissions.scopes, [
    'read:all',
    'write:all',
    'admin',
    'app:access',
  ]);
  const switchTo = 'mutation ($id: ID!) { switchOrganization(id: $id) { id } }';
  t.equal(await code(await resolve(reader), switchTo, { id: organizationId }), 'OK');
  t.strictSame((await resolve(reader)).permissions.scopes, ['read:all', 'admin']);
});

onEachStore('a deleted organization stops its keys and leaves its log', async (t, store) => {
  const company = await startCompany(t, store);
  const { identity, people, organizationId, code, resolve } = company;
  const { owner, member } = people;
  const { key } = await identity.createKey(member.caller, { permissions: ['READ'] });
  const switchTo = 'mutation ($id: ID!) { switchOrganization(id: $id) { id } }';
  await code(await resolve(member), switchTo, { id: organizationId });
  const touched = new Set<string>();
  identity.identity.subscribe(({ touches, id }) => touched.add(`${touches}:${id}`));
  const deletion = 'mutation ($id: ID!) { deleteOrganization(id: $id) }';
  t.equal(await code(owner.caller, deletion, { id: organizationId }), 'OK');
  t.match(await identity.identity.resolve({ kind: 'key', text: key }), { active: false });
  t.equal((await resolve(member)).organization, `org_${member.id.slice('user_'.length)}`);
  for (const { id } of Object.values(people)) t.ok(touched.has(`subject:${id}`));
  t.ok(touched.has(`organization:${organizationId}`));
  const log = await identity.tables
    .selectFrom('identity_log')
    .select(['action', 'actor_id', 'detail'])
    .where('organization_id', '=', organizationId)
    .where('action', 'like', 'organization.%')
    .orderBy('sequence')
    .execute();
  t.match(log, [
    { action: 'organization.created', actor_id: owner.id },
    { action: 'organization.removed', actor_id: owner.id, detail: /Company/ },
  ]);
  t.equal(await code(owner.caller, deletion, { id: organizationId }), 'UNAUTHENTICATED');
  t.equal(await code(await resolve(owner), deletion, { id: organizationId }), 'NOT_FOUND');
});

onEachStore(
  'strangers, keys without READ and nobody learn nothing of an organization',
  async (t, store) => {
    const { identity, stranger, people, code, organizationId, projectId, get } = await startCompany(
      t,
      store,
    );
    const { organization } = await get(
      people.owner.caller,
      '{ organization(slug: "company") { projects { environments { id } } } }',
    );
    const environmentId = organization.projects[0].environments[0].id;
    const questions = [
      ['query ($id: ID!) { organization(id: $id) { id } }', organizationId],
      ['query ($id: String!) { organization(slug: $id) { id } }', 'company'],
      ['query ($id: ID!) { project(id: $id) { id } }', projectId],
    ] as const;
    const noReader = (await identity.createKey(people.owner.caller, { permissions: ['ADMIN'] }))
      .caller;
    for (const [query, id] of questions) {
      t.equal(await code(people['read-only'].caller, query, { id }), 'OK', query);
      t.equal(await code(stranger.caller, query, { id }), 'NOT_FOUND', query);
      t.equal(await code(stranger.caller, query, { id: 'unknown' }), 'NOT_FOUND', query);
      t.equal(await code(anonymousCaller, query, { id }), 'UNAUTHENTICATED', query);
      t.equal(await code(noReader, query, { id }), 'FORBIDDEN', query);
    }
    const entities = async (caller: typeof stranger.caller) =>
      (
        await identity.ask(
          caller,
          `query ($r: [_Any!]!) { _entities(representations: $r) {
          ... on Organization { id } ... on Project { id } ... on Environment { id } } }`,
          {
            r: [
              { __typename: 'Organization', id: organizationId },
              { __typename: 'Project', id: projectId },
              { __typename: 'Environment', id: environmentId },
            ],
          },
        )
      ).data?._entities;
    t.strictSame(await entities(stranger.caller), [null, null, null]);
    t.strictSame(await entities(people.member.caller), [
      { id: organizationId },
      { id: projectId },
      { id: environmentId },
    ]);
    const invitations = '{ organization(slug: "company") { invitations { nodes { email } } } }';
    t.equal(await code(people.admin.caller, invitations), 'OK');
    for (const role of ['member', 'read-only'] as const) {
      t.equal(await code(people[role].caller, invitations), 'FORBIDDEN', role);
    }
    const members = `mutation { updateOrganization(id: "${organizationId}", input: { name: "C" }) {
    members { nodes { user { email } } } } }`;
    t.equal(await code(noReader, members), 'FORBIDDEN');
    const both = `{ organization(id: "${organizationId}", slug: "company") { id } }`;
    t.equal(await code(people.owner.caller, both), 'BAD_USER_INPUT');
    t.equal(await code(people.owner.caller, '{ organization { id } }'), 'BAD_USER_INPUT');
    t.equal(await code(anonymousCaller, '{ organizations { nodes { id } } }'), 'UNAUTHENTICATED');
  },
);
