import { newId } from '#contract/ids.ts';
import { type Role, roles } from '#subgraphs/identity/rights/role.ts';
import type { Company } from '../../support/company.ts';

export interface Attempt {
  readonly mutation: string;
  /** Makes what the mutation is tried on, afresh, and gives its variables. */
  readonly prepare: (company: Company) => Promise<Record<string, unknown>>;
  /** Who succeeds with a session, and with a key that has ADMIN. */
  readonly session: readonly Role[];
  readonly adminKey: readonly Role[];
}

const owner = ['owner'] as const;
const governing = ['owner', 'admin'] as const;
const nobody = [] as const;

/** Somebody with this role, whatever became of them in the attempt before. */
async function freshMember(company: Company, role: Role) {
  const { identity, organizationId } = company;
  const known = targets.get(company) ?? new Map<Role, string>();
  targets.set(company, known);
  const userId = known.get(role) ?? (await company.join(role)).id;
  known.set(role, userId);
  const { tables, clock } = identity;
  await tables
    .deleteFrom('member')
    .where('userId', '=', userId)
    .where('organizationId', '=', organizationId)
    .execute();
  const createdAt = new Date(clock.now()).toISOString();
  await tables
    .insertInto('member')
    .values({ id: newId('member'), organizationId, userId, role, createdAt })
    .execute();
  return { organizationId, userId };
}
const targets = new WeakMap<Company, Map<Role, string>>();

async function freshInvitation({ people, get, organizationId }: Company, role: string) {
  freshInvitation.count += 1;
  const { inviteMember } = await get(
    people.owner.caller,
    'mutation ($input: InviteMemberInput!) { inviteMember(input: $input) { id } }',
    { input: { organizationId, email: `guest${freshInvitation.count}@example.com`, role } },
  );
  return { id: inviteMember.id };
}
freshInvitation.count = 0;

async function freshProject({ people, get, organizationId }: Company) {
  freshProject.count += 1;
  const { createProject } = await get(
    people.owner.caller,
    'mutation ($input: CreateProjectInput!) { createProject(input: $input) { id } }',
    { input: { organizationId, name: `project ${freshProject.count}` } },
  );
  return { id: createProject.id };
}
freshProject.count = 0;

async function freshEnvironment(company: Company) {
  const project = await freshProject(company);
  const { createEnvironment } = await company.get(
    company.people.owner.caller,
    'mutation ($input: CreateEnvironmentInput!) { createEnvironment(input: $input) { id } }',
    { input: { projectId: project.id, name: 'staging' } },
  );
  return { id: createEnvironment.id };
}

const memberArguments = '($organizationId: ID!, $userId: ID!)';
const memberValues = '(organizationId: $organizationId, userId: $userId)';

async function freshScope({ people, get, organizationId }: Company) {
  const scope = { organizationId, name: 'short:lived' };
  await get(
    people.owner.caller,
    `mutation ($organizationId: ID!, $name: String!) {
      defineScope(organizationId: $organizationId, name: $name, grants: []) { name } }`,
    scope,
  );
  return scope;
}

export const attempts: readonly Attempt[] = [
  {
    mutation: `mutation ($id: ID!) { updateOrganization(id: $id, input: { name: "Firm" }) { id } }`,
    prepare: async ({ organizationId }) => ({ id: organizationId }),
    session: owner,
    adminKey: owner,
  },
  ...(['owner', 'admin', 'member', 'read-only'] as const).flatMap((target): Attempt[] => {
    const able = target === 'owner' || target === 'admin' ? owner : governing;
    const prepare = (company: Company) => freshMember(company, target);
    const both = { prepare, session: able, adminKey: able };
    return [
      { mutation: `mutation ${memberArguments} { removeMember${memberValues} }`, ...both },
      { mutation: `mutation ${memberArguments} { suspendMember${memberValues} { id } }`, ...both },
      {
        mutation: `mutation ${memberArguments} { reactivateMember${memberValues} { id } }`,
        ...both,
      },
      {
        mutation: `mutation ${memberArguments} {
          changeMemberRole(organizationId: $organizationId, userId: $userId, role: MEMBER) { id } }`,
        ...both,
      },
      {
        mutation: `mutation ${memberArguments} {
          changeMemberRole(organizationId: $organizationId, userId: $userId, role: ADMIN) { id } }`,
        prepare,
        session: owner,
        adminKey: owner,
      },
    ];
  }),
  ...(['OWNER', 'ADMIN', 'MEMBER', 'READ_ONLY'] as const).flatMap((role): Attempt[] => {
    const able = role === 'OWNER' || role === 'ADMIN' ? owner : governing;
    const both = { session: able, adminKey: able };
    return [
      {
        mutation: `mutation ($organizationId: ID!, $email: String!) {
          inviteMember(input: { organizationId: $organizationId, email: $email, role: ${role} }) { id } }`,
        prepare: async ({ organizationId }) => {
          freshInvitation.count += 1;
          return { organizationId, email: `guest${freshInvitation.count}@example.com` };
        },
        ...both,
      },
      {
        mutation: 'mutation ($id: ID!) { revokeInvitation(id: $id) { id } }',
        prepare: (company) => freshInvitation(company, role),
        ...both,
      },
      {
        mutation: 'mutation ($id: ID!) { resendInvitation(id: $id) { id } }',
        prepare: (company) => freshInvitation(company, role),
        ...both,
      },
    ];
  }),
  {
    mutation: `mutation ($organizationId: ID!, $name: String!) {
      createProject(input: { organizationId: $organizationId, name: $name }) { id } }`,
    prepare: async ({ organizationId }) => {
      freshProject.count += 1;
      return { organizationId, name: `project ${freshProject.count}` };
    },
    session: governing,
    adminKey: governing,
  },
  {
    mutation: 'mutation ($id: ID!, $name: String!) { renameProject(id: $id, name: $name) { id } }',
    prepare: async (company) => ({
      ...(await freshProject(company)),
      name: `renamed ${freshProject.count}`,
    }),
    session: governing,
    adminKey: governing,
  },
  {
    mutation: 'mutation ($id: ID!) { deleteProject(id: $id) }',
    prepare: freshProject,
    session: governing,
    adminKey: governing,
  },
  {
    mutation: `mutation ($id: ID!) { createEnvironment(input: { projectId: $id, name: "test" }) { id } }`,
    prepare: freshProject,
    session: governing,
    adminKey: governing,
  },
  {
    mutation: `mutation ($id: ID!) { updateEnvironment(id: $id, input: { isProduction: true }) { id } }`,
    prepare: freshEnvironment,
    session: governing,
    adminKey: governing,
  },
  {
    mutation: 'mutation ($id: ID!) { deleteEnvironment(id: $id) }',
    prepare: freshEnvironment,
    session: governing,
    adminKey: governing,
  },
  {
    mutation: `mutation ($organizationId: ID!, $name: String!) {
      defineScope(organizationId: $organizationId, name: $name, grants: []) { name } }`,
    prepare: async ({ organizationId }) => ({ organizationId, name: 'posts:read' }),
    session: governing,
    adminKey: governing,
  },
  {
    mutation: `mutation ($organizationId: ID!, $name: String!) {
      removeScope(organizationId: $organizationId, name: $name) }`,
    prepare: freshScope,
    session: governing,
    adminKey: governing,
  },
  {
    mutation: `mutation ($organizationId: ID!) {
      setRoleGrants(organizationId: $organizationId, role: MEMBER, grants: null) { role } }`,
    prepare: async ({ organizationId }) => ({ organizationId }),
    session: owner,
    adminKey: nobody,
  },
  ...[
    'setPublicPermissions(environmentId: $environmentId, grants: []) { id }',
    'setDefaultStage(environmentId: $environmentId, stage: "DRAFT") { id }',
  ].map(
    (field): Attempt => ({
      mutation: `mutation ($environmentId: ID!) { ${field} }`,
      prepare: async (company) => ({ environmentId: (await freshEnvironment(company)).id }),
      session: governing,
      adminKey: governing,
    }),
  ),
  {
    mutation: `mutation ($environmentId: ID!) {
      initializePublicPermissions(environmentId: $environmentId) { id } }`,
    prepare: async (company) => ({ environmentId: (await freshEnvironment(company)).id }),
    session: governing,
    adminKey: governing,
  },
  {
    mutation: 'mutation ($id: ID!) { switchOrganization(id: $id) { id } }',
    prepare: async ({ organizationId }) => ({ id: organizationId }),
    session: roles,
    adminKey: nobody,
  },
];

/** What changes the company for all that come after: each is tried on a company of its own. */
export const last: readonly Attempt[] = [
  {
    mutation: `mutation ${memberArguments} { transferOwnership${memberValues} { id } }`,
    prepare: (company) => freshMember(company, 'member'),
    session: owner,
    adminKey: nobody,
  },
  {
    mutation: 'mutation ($id: ID!) { leaveOrganization(id: $id) }',
    prepare: async (company) => {
      await company.join('owner');
      return { id: company.organizationId };
    },
    session: roles,
    adminKey: nobody,
  },
  {
    mutation: 'mutation ($id: ID!) { deleteOrganization(id: $id) }',
    prepare: async ({ organizationId }) => ({ id: organizationId }),
    session: owner,
    adminKey: nobody,
  },
];
