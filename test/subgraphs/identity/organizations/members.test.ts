import type { IdentityEvent } from '#contract/identity.ts';
import type { Role } from '#subgraphs/identity/rights/role.ts';
import { type Company, startCompany } from '../../support/company.ts';
import { onEachStore } from '../../support/stores.ts';

const change = (name: string, more = '') =>
  `mutation ($organizationId: ID!, $userId: ID!) {
    ${name}(organizationId: $organizationId, userId: $userId${more}) ${name === 'removeMember' ? '' : '{ id }'} }`;
const suspend = change('suspendMember');
const reactivate = change('reactivateMember');
const remove = change('removeMember');
const giveRole = (role: string) => change('changeMemberRole', `, role: ${role}`);
const leave = 'mutation ($id: ID!) { leaveOrganization(id: $id) }';

/** What a key may do now; null when it is nobody's. */
async function scopesOf({ identity }: Company, key: string) {
  const resolution = await identity.identity.resolve({ kind: 'key', text: key });
  return resolution.active ? resolution.caller.permissions.scopes : null;
}

const everything = { permissions: ['READ', 'WRITE', 'ADMIN'] };

onEachStore(
  'a demoted, suspended or removed member takes their keys along, at once',
  async (t, store) => {
    const company = await startCompany(t, store);
    const { identity, people, organizationId, code } = company;
    const { owner, admin } = people;
    const { key } = await identity.createKey(admin.caller, everything);
    const heard: IdentityEvent[] = [];
    identity.identity.subscribe((event) => heard.push(event));
    const touched = () =>
      heard.splice(0).filter(({ touches, id }) => touches === 'subject' && id === admin.id).length;
    const of = { organizationId, userId: admin.id };
    t.strictSame(await scopesOf(company, key), ['read:all', 'write:all', 'admin']);

    t.equal(await code(owner.caller, giveRole('READ_ONLY'), of), 'OK');
    t.strictSame(await scopesOf(company, key), ['read:all', 'admin']);
    t.equal(touched(), 1, 'gateways ask again');
    t.equal(await code(owner.caller, giveRole('MEMBER'), of), 'OK');
    t.strictSame(await scopesOf(company, key), ['read:all', 'write:all', 'admin']);
    t.equal(touched(), 1);

    t.equal(await code(owner.caller, suspend, of), 'OK');
    t.equal(await scopesOf(company, key), null);
    t.equal(touched(), 1);
    t.equal(await code(admin.caller, '{ organization(slug: "company") { id } }'), 'NOT_FOUND');
    t.equal(await code(owner.caller, reactivate, of), 'OK');
    t.strictSame(await scopesOf(company, key), ['read:all', 'write:all', 'admin']);
    t.equal(touched(), 1);

    t.equal(await code(owner.caller, remove, of), 'OK');
    t.equal(await scopesOf(company, key), null);
    t.ok(touched() >= 1);
  },
);

onEachStore('whoever comes back finds no old key alive', async (t, store) => {
  const company = await startCompany(t, store);
  const { identity, people, organizationId, code, stranger } = company;
  const { owner, member } = people;
  const own = await identity.createKey({ ...stranger.caller }, everything);
  const { key } = await identity.createKey(member.caller, everything);
  const personal = await identity.createKey(
    { ...member.caller, organization: `org_${member.id.slice('user_'.length)}` },
    everything,
  );
  t.equal(await code(owner.caller, remove, { organizationId, userId: member.id }), 'OK');
  await identity.tables
    .insertInto('member')
    .values({
      id: 'member_again',
      organizationId,
      userId: member.id,
      role: 'member',
      createdAt: new Date(identity.clock.now()).toISOString(),
    })
    .execute();
  t.equal(await scopesOf(company, key), null);
  t.ok(await scopesOf(company, personal.key), 'their keys elsewhere are theirs');
  t.ok(await scopesOf(company, own.key), 'the keys of others are theirs');
});

onEachStore('the last owner stays one', async (t, store) => {
  const { people, organizationId, code, identity, join } = await startCompany(t, store);
  const { owner } = people;
  const of = { organizationId, userId: owner.id };
  const asOwner = (query: string) => code(owner.caller, query, of);
  t.equal(await code(owner.caller, leave, { id: organizationId }), 'LAST_OWNER');
  t.equal(await asOwner(giveRole('ADMIN')), 'LAST_OWNER');
  t.equal(await asOwner(remove), 'LAST_OWNER');
  t.equal(await asOwner(suspend), 'BAD_USER_INPUT');
  // One who is suspended governs nothing, and does not count.
  const second = await join('owner');
  const ofSecond = { organizationId, userId: second.id };
  t.equal(await code(owner.caller, suspend, ofSecond), 'OK');
  t.equal(await code(owner.caller, leave, { id: organizationId }), 'LAST_OWNER');
  t.equal(await code(owner.caller, reactivate, ofSecond), 'OK');
  t.equal(await code(owner.caller, leave, { id: organizationId }), 'OK');
  t.equal(await code(second.caller, leave, { id: organizationId }), 'LAST_OWNER');
  const owners = await identity.tables
    .selectFrom('member')
    .select('userId')
    .where('organizationId', '=', organizationId)
    .where('role', '=', 'owner')
    .execute();
  t.same(owners, [{ userId: second.id }]);
});

onEachStore(
  'owners who leave, demote and remove each other at once leave one',
  async (t, store) => {
    const company = await startCompany(t, store);
    const { people, organizationId, code, join, identity } = company;
    const owners = [people.owner, await join('owner'), await join('owner'), await join('owner')];
    const attempts = owners.flatMap(({ caller }, index) => {
      const next = owners[(index + 1) % owners.length];
      const of = { organizationId, userId: next?.id };
      return [
        code(caller, remove, of),
        code(caller, giveRole('READ_ONLY'), of),
        code(caller, suspend, of),
        code(caller, leave, { id: organizationId }),
      ];
    });
    const codes = await Promise.all(attempts);
    t.notOk(codes.includes('INTERNAL_SERVER_ERROR'), 'none waits for one that waits for it');
    const left = await identity.tables
      .selectFrom('member')
      .select('userId')
      .where('organizationId', '=', organizationId)
      .where('role', '=', 'owner')
      .where('suspended_at', 'is', null)
      .execute();
    t.ok(left.length >= 1, codes.join(' '));
  },
);

onEachStore('a personal organization stays with its person', async (t, store) => {
  const { identity, people, code, get } = await startCompany(t, store);
  const { caller } = await identity.signUp();
  const organizationId = caller.organization ?? '';
  await identity.tables
    .insertInto('member')
    .values({
      id: 'member_guest',
      organizationId,
      userId: people.member.id,
      role: 'owner',
      createdAt: new Date(identity.clock.now()).toISOString(),
    })
    .execute();
  const guest = people.member.caller;
  const of = { organizationId, userId: caller.subject };
  for (const mutation of [remove, giveRole('MEMBER'), suspend]) {
    t.equal(await code(guest, mutation, of), 'PERSONAL_ORGANIZATION');
  }
  const id = organizationId;
  t.equal(await code(caller, leave, { id }), 'PERSONAL_ORGANIZATION');
  const deletion = 'mutation ($id: ID!) { deleteOrganization(id: $id) }';
  t.equal(await code(caller, deletion, { id }), 'PERSONAL_ORGANIZATION');
  t.equal(await code(guest, deletion, { id }), 'PERSONAL_ORGANIZATION');
  const handOver = change('transferOwnership');
  const toGuest = { organizationId, userId: people.member.id };
  t.equal(await code(caller, handOver, toGuest), 'PERSONAL_ORGANIZATION');
  const { organization } = await get(
    caller,
    'query ($id: ID!) { organization(id: $id) { isPersonal role } }',
    { id },
  );
  t.strictSame(organization, { isPersonal: true, role: 'OWNER' });
});

onEachStore('an organization is handed over to a member, and to nobody else', async (t, store) => {
  const { people, stranger, organizationId, code, get } = await startCompany(t, store);
  const { owner, member, admin } = people;
  const handOver = change('transferOwnership');
  const to = (userId: string) => ({ organizationId, userId });
  t.equal(await code(owner.caller, handOver, to(stranger.id)), 'NOT_FOUND');
  t.equal(await code(owner.caller, handOver, to(owner.id)), 'BAD_USER_INPUT');
  t.equal(await code(owner.caller, suspend, to(admin.id)), 'OK');
  t.equal(await code(owner.caller, handOver, to(admin.id)), 'BAD_USER_INPUT');
  t.equal(await code(owner.caller, handOver, to(member.id)), 'OK');
  const roleOf = async ({ caller }: typeof owner) =>
    (await get(caller, '{ organization(slug: "company") { role } }')).organization.role;
  t.equal(await roleOf(member), 'OWNER');
  t.equal(await roleOf(owner), 'ADMIN');
});

onEachStore('members are listed in pages that stay where they are', async (t, store) => {
  const { people, get, join, identity, code } = await startCompany(t, store);
  identity.clock.advance(1000);
  await join('member');
  const list = `query ($after: String) { organization(slug: "company") {
    members(first: 2, after: $after) {
      nodes { role suspendedAt user { email } } pageInfo { hasNextPage hasPreviousPage endCursor } } } }`;
  const seen: string[] = [];
  let after: string | null = null;
  for (let more = true; more; ) {
    const answer = await get(people['read-only'].caller, list, { after });
    const { members } = answer.organization;
    seen.push(...members.nodes.map(({ user }: { user: { email: string } }) => user.email));
    t.equal(members.pageInfo.hasPreviousPage, after !== null);
    after = members.pageInfo.endCursor;
    more = members.pageInfo.hasNextPage;
  }
  t.equal(seen.length, 5);
  t.equal(new Set(seen).size, 5);
  t.equal(await code(people.owner.caller, list, { after: 'x' }), 'BAD_USER_INPUT');
});

onEachStore(
  'an e-mail address is for active members of the same organization',
  async (t, store) => {
    const { people, organizationId, identity, code } = await startCompany(t, store);
    const look = async (role: Role, target: Role) => {
      const { data } = await identity.ask(
        people[role].caller,
        'query ($r: [_Any!]!) { _entities(representations: $r) { ... on User { email } } }',
        { r: [{ __typename: 'User', id: people[target].id }] },
      );
      return (data as { _entities: { email: string | null }[] })._entities[0]?.email;
    };
    t.equal(await look('member', 'admin'), people.admin.email);
    const of = { organizationId, userId: people.member.id };
    t.equal(await code(people.owner.caller, suspend, of), 'OK');
    t.equal(await look('member', 'admin'), null, 'who is suspended sees nobody');
    t.equal(await look('admin', 'member'), people.member.email, 'and is still known to the others');
  },
);

onEachStore('the log outlives a person who is removed', async (t, store) => {
  const { people, identity, organizationId } = await startCompany(t, store);
  const { member } = people;
  await identity.tables.deleteFrom('user').where('id', '=', member.id).execute();
  const log = await identity.tables
    .selectFrom('identity_log')
    .select(['action', 'organization_id'])
    .where('subject_id', '=', member.id)
    .where('action', 'like', 'member.%')
    .where('organization_id', '=', organizationId)
    .orderBy('sequence')
    .execute();
  t.strictSame(
    log.map(({ action }) => action),
    ['member.added', 'member.removed'],
  );
});
