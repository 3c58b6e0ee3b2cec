import { readFileSync } from 'node:fs';
import { type FieldDefinitionNode, Kind, parse, type TypeNode, visit } from 'graphql';
import t from 'tap';
import { anonymousCaller, type Caller } from '#contract/caller.ts';
import { newId } from '#contract/ids.ts';
import { defineIdentity } from '#subgraphs/identity/settings.ts';
import { startCompany } from '../support/company.ts';
import { onEachStore } from '../support/stores.ts';

type Kinds = 'organization' | 'project' | 'environment' | 'key' | 'account' | 'person' | 'session';

/** Every use of an id in the schema: the field, the path of the argument, what is asked, what the id is of. */
const uses: readonly (readonly [string, string, Kinds | 'invitation'])[] = [
  ['organization.id', 'query ($x: ID!) { organization(id: $x) { id } }', 'organization'],
  ['project.id', 'query ($x: ID!) { project(id: $x) { id } }', 'project'],
  ['apiKey.id', 'query ($x: ID!) { apiKey(id: $x) { id } }', 'key'],
  ['apiKeys.filter.ownerId', keys('ownerId'), 'person'],
  ['apiKeys.filter.serviceAccountId', keys('serviceAccountId'), 'account'],
  ['serviceAccount.id', 'query ($x: ID!) { serviceAccount(id: $x) { id } }', 'account'],
  ['auditLog.organizationId', audit('organizationId: $x'), 'organization'],
  ['auditLog.filter.subjectId', audit('filter: { subjectId: $x }'), 'person'],
  ['auditLog.filter.actorId', audit('filter: { actorId: $x }'), 'person'],
  ['createAPIKey.input.serviceAccountId', made('serviceAccountId: $x'), 'account'],
  ['createAPIKey.input.projectIds', made('projectIds: [$x]'), 'project'],
  ['createAPIKey.input.environments', made('environments: [$x]'), 'environment'],
  ['updateAPIKey.id', change('updateAPIKey(id: $x, input: { name: "n" }) { id }'), 'key'],
  ['rotateAPIKey.id', change('rotateAPIKey(id: $x) { id }'), 'key'],
  ['revokeAPIKey.id', change('revokeAPIKey(id: $x) { id }'), 'key'],
  ['revokeAPIKeys.ownerId', change('revokeAPIKeys(ownerId: $x) { count }'), 'person'],
  [
    'revokeAPIKeys.serviceAccountId',
    change('revokeAPIKeys(serviceAccountId: $x) { count }'),
    'account',
  ],
  [
    'updateServiceAccount.id',
    change('updateServiceAccount(id: $x, input: { name: "n" }) { id }'),
    'account',
  ],
  ['suspendServiceAccount.id', change('suspendServiceAccount(id: $x) { id }'), 'account'],
  ['resumeServiceAccount.id', change('resumeServiceAccount(id: $x) { id }'), 'account'],
  ['removeServiceAccount.id', change('removeServiceAccount(id: $x) { id }'), 'account'],
  ['endSession.id', change('endSession(id: $x)'), 'session'],
  ['suspendUser.id', change('suspendUser(id: $x) { id }'), 'person'],
  ['restoreUser.id', change('restoreUser(id: $x) { id }'), 'person'],
  [
    'updateOrganization.id',
    change('updateOrganization(id: $x, input: { name: "n" }) { id }'),
    'organization',
  ],
  ['deleteOrganization.id', change('deleteOrganization(id: $x)'), 'organization'],
  ['switchOrganization.id', change('switchOrganization(id: $x) { id }'), 'organization'],
  ['leaveOrganization.id', change('leaveOrganization(id: $x)'), 'organization'],
  ...['transferOwnership', 'removeMember', 'suspendMember', 'reactivateMember'].flatMap((name) =>
    ofMember(name),
  ),
  ...ofMember('changeMemberRole', ', role: MEMBER'),
  [
    'inviteMember.input.organizationId',
    change('inviteMember(input: { organizationId: $x, email: "a@example.com" }) { id }'),
    'organization',
  ],
  ['resendInvitation.id', change('resendInvitation(id: $x) { id }'), 'invitation'],
  ['revokeInvitation.id', change('revokeInvitation(id: $x) { id }'), 'invitation'],
  [
    'createProject.input.organizationId',
    change('createProject(input: { organizationId: $x, name: "n" }) { id }'),
    'organization',
  ],
  ['renameProject.id', change('renameProject(id: $x, name: "n") { id }'), 'project'],
  ['deleteProject.id', change('deleteProject(id: $x)'), 'project'],
  [
    'createEnvironment.input.projectId',
    change('createEnvironment(input: { projectId: $x, name: "n" }) { id }'),
    'project',
  ],
  [
    'updateEnvironment.id',
    change('updateEnvironment(id: $x, input: { name: "n" }) { id }'),
    'environment',
  ],
  ['deleteEnvironment.id', change('deleteEnvironment(id: $x)'), 'environment'],
  ['enableAPIKey.id', change('enableAPIKey(id: $x) { id }'), 'key'],
  ['releaseAPIKey.id', change('releaseAPIKey(id: $x) { id }'), 'key'],
  ['importAPIKeys.input.keys.ownerId', imported('ownerId'), 'person'],
  ['importAPIKeys.input.keys.serviceAccountId', imported('serviceAccountId'), 'account'],
  [
    'defineScope.organizationId',
    change(
      'defineScope(organizationId: $x, name: "a:b", grants: [{ actions: [READ], on: "*" }]) { name }',
    ),
    'organization',
  ],
  [
    'removeScope.organizationId',
    change('removeScope(organizationId: $x, name: "a:b")'),
    'organization',
  ],
  [
    'setRoleGrants.organizationId',
    change('setRoleGrants(organizationId: $x, role: MEMBER, grants: []) { role }'),
    'organization',
  ],
  [
    'setPublicPermissions.environmentId',
    change('setPublicPermissions(environmentId: $x, grants: []) { id }'),
    'environment',
  ],
  [
    'initializePublicPermissions.environmentId',
    change('initializePublicPermissions(environmentId: $x) { id }'),
    'environment',
  ],
  [
    'setDefaultStage.environmentId',
    change('setDefaultStage(environmentId: $x, stage: "DRAFT") { id }'),
    'environment',
  ],
];

/** Looked up by the key first, which is what is foreign: its own row is above. */
const besides = ['updateAPIKey.input.projectIds', 'updateAPIKey.input.environments'];

function keys(argument: string): string {
  return `query ($x: ID!) { apiKeys(filter: { ${argument}: $x }) { nodes { id } } }`;
}

function audit(given: string): string {
  return `query ($x: ID!) { auditLog(${given}) { nodes { id } } }`;
}

function made(given: string): string {
  return change(`createAPIKey(input: { name: "n", ${given} }) { id }`);
}

function imported(argument: string): string {
  const key = `{ name: "n", hash: "${'0'.repeat(64)}", ${argument}: $x }`;
  return change(
    `importAPIKeys(input: { prefix: "old_", keys: [${key}] }) { results { error { code } } }`,
  );
}

function change(field: string): string {
  return `mutation ($x: ID!) { ${field} }`;
}

function ofMember(name: string, more = ''): [string, string, Kinds][] {
  const rest = name === 'removeMember' ? '' : ' { id }';
  const ask = (organization: string, person: string) =>
    change(`${name}(organizationId: ${organization}, userId: ${person}${more})${rest}`);
  return [
    [`${name}.organizationId`, ask('$x', '"somebody"'), 'organization'],
    [`${name}.userId`, ask('"org_mine"', '$x'), 'person'],
  ];
}

t.test('every argument of the schema that takes an id is tried', async (t) => {
  const url = new URL('../../../subgraphs/identity/schema.graphql', import.meta.url);
  const schema = parse(readFileSync(url, 'utf8'));
  const inputs = new Map<string, readonly (readonly [string, TypeNode])[]>();
  const roots: FieldDefinitionNode[] = [];
  for (const each of schema.definitions) {
    if (each.kind === Kind.INPUT_OBJECT_TYPE_DEFINITION) {
      const fields = (each.fields ?? []).map(({ name, type }) => [name.value, type] as const);
      inputs.set(each.name.value, fields);
    }
    const isType =
      each.kind === Kind.OBJECT_TYPE_DEFINITION || each.kind === Kind.OBJECT_TYPE_EXTENSION;
    if (isType && /^(?:Query|Mutation)$/.test(each.name.value)) roots.push(...(each.fields ?? []));
  }
  const found: string[] = [];
  const walk = (path: string, type: TypeNode) => {
    const name = nameOf(type);
    if (name === 'ID') found.push(path);
    for (const [field, inner] of inputs.get(name) ?? []) walk(`${path}.${field}`, inner);
  };
  for (const { name, arguments: given } of roots) {
    for (const argument of given ?? []) {
      walk(`${name.value}.${argument.name.value}`, argument.type);
    }
  }
  t.strictSame(found.sort(), [...uses.map(([path]) => path), ...besides].sort());
});

function nameOf(type: TypeNode): string {
  let found = '';
  visit(type, {
    NamedType({ name }) {
      found = name.value;
    },
  });
  return found;
}

onEachStore('an id of another organization is answered like one that is none', async (t, store) => {
  const company = await startCompany(t, store, {
    settings: defineIdentity({
      keys: { maxPersonalKeys: 1_000 },
      keyImport: { prefixes: ['old_'] },
    }),
  });
  const { identity, people, get, organizationId, projectId, stranger } = company;
  const owner = people.owner.caller;
  const { createEnvironment } = await get(
    owner,
    change('createEnvironment(input: { projectId: $x, name: "staging" }) { id }'),
    { x: projectId },
  );
  const { createServiceAccount } = await get(
    owner,
    'mutation { createServiceAccount(input: { name: "bot" }) { id } }',
  );
  const { inviteMember } = await get(
    owner,
    change('inviteMember(input: { organizationId: $x, email: "guest@example.com" }) { id }'),
    { x: organizationId },
  );
  const theirs: Record<Kinds | 'invitation', string> = {
    organization: organizationId,
    project: projectId,
    environment: createEnvironment.id,
    key: (await identity.createKey(owner)).id,
    account: createServiceAccount.id,
    invitation: inviteMember.id,
    person: people.owner.id,
    session: owner.credentialId ?? '',
  };
  const admin = { permissions: ['READ', 'WRITE', 'ADMIN'] };
  const callers: Record<string, Caller> = {
    session: stranger.caller,
    'a key with ADMIN': (await identity.createKey(stranger.caller, admin)).caller,
    'a key that reads': (await identity.createKey(stranger.caller)).caller,
    anonymous: anonymousCaller,
  };
  for (const [path, query, kind] of uses) {
    for (const [who, caller] of Object.entries(callers)) {
      const mine = query.replace('org_mine', caller.organization ?? 'none');
      const answerTo = async (id: string) => {
        const { data, errors } = await identity.ask(caller, mine, { x: id });
        return JSON.stringify({ data, errors }).replaceAll(id, 'the id');
      };
      const none = await answerTo(newId('none'));
      t.equal(await answerTo(theirs[kind]), none, `${path}, ${who}`);
      const isNothing = /"code":"|"nodes":\[\]/.test(none);
      t.ok(isNothing, `${path}, ${who}: ${none}`);
      t.notMatch(none, /VALIDATION|Cannot query/, 'it is asked properly');
    }
  }
});
