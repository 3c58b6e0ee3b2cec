import { onEachLocation } from '#test/subgraphs/support/stores.ts';
import { ask, bearer, signUp } from '#test/support/client.ts';
import { type RunningCastellan, startWhole } from '#test/support/running-castellan.ts';

const member = (name: string, more = '') =>
  `mutation ($organizationId: ID!, $userId: ID!) {
    ${name}(organizationId: $organizationId, userId: $userId${more}) ${name === 'removeMember' ? '' : '{ id }'} }`;

/** The fields that these questions ask for; each answer has those of its own question. */
interface Answered {
  readonly createOrganization: { readonly id: string };
  readonly createAPIKey: { readonly key: string };
  readonly me: { readonly id: string };
  readonly organizations: { readonly nodes: readonly { readonly id: string }[] };
}

/** Asks with a session or a key and answers the data; any error fails the test. */
async function get(url: string, headers: Record<string, string>, query: string, variables = {}) {
  const { data, errors } = await ask(url, query, { headers, variables });
  if (errors !== undefined) throw new Error(JSON.stringify(errors));
  // The gateway answers what it was asked.
  return data as unknown as Answered;
}

/** The token of an invitation, from the log in which a developer's machine keeps its mail. */
const tokenIn = ({ processes }: RunningCastellan) =>
  processes[0]?.whenOutput((output) => /inv_[0-9A-Za-z]{43}/.exec(output)?.[0]);

onEachLocation('a key has the rights of its owner at this moment', async (t, location) => {
  const castellan = await startWhole(t, location);
  const { url } = castellan;
  const boss = { cookie: await signUp(url, 'boss@example.com') };
  const hand = { cookie: await signUp(url, 'hand@example.com') };
  const { createOrganization } = await get(
    url,
    boss,
    'mutation { createOrganization(input: { name: "Company" }) { id } }',
  );
  const organizationId: string = createOrganization.id;
  await get(
    url,
    boss,
    `mutation ($organizationId: ID!) { inviteMember(input: {
      organizationId: $organizationId, email: "hand@example.com", role: ADMIN }) { id } }`,
    { organizationId },
  );
  await get(url, hand, 'mutation ($token: String!) { acceptInvitation(token: $token) { id } }', {
    token: await tokenIn(castellan),
  });
  await get(url, hand, 'mutation ($id: ID!) { switchOrganization(id: $id) { id } }', {
    id: organizationId,
  });
  const { me } = await get(url, hand, '{ me { id organizations { id role } } }');
  const of = { organizationId, userId: me.id };
  const { createAPIKey } = await get(
    url,
    hand,
    'mutation { createAPIKey(input: { name: "a", permissions: [READ, WRITE, ADMIN] }) { key } }',
  );
  const { headers: key } = bearer(createAPIKey.key);

  const govern = 'mutation { createProject(input: { name: "DEFAULT" }) { id } }';
  const look = '{ organizations { nodes { id role } } }';
  const codeOf = async (headers: Record<string, string>, query: string) =>
    (await ask(url, query, { headers })).errors?.[0]?.extensions?.code ?? 'OK';
  const mine = async () => (await get(url, key, look)).organizations.nodes;

  // Each is asked before as well, so that the gateway remembers what holds no more.
  t.strictSame(await mine(), [{ id: organizationId, role: 'ADMIN' }]);
  t.equal(await codeOf(key, govern), 'NAME_TAKEN');
  await get(url, boss, member('changeMemberRole', ', role: READ_ONLY'), of);
  t.strictSame(await mine(), [{ id: organizationId, role: 'READ_ONLY' }]);
  t.equal(await codeOf(key, govern), 'FORBIDDEN');
  await get(url, boss, member('changeMemberRole', ', role: ADMIN'), of);
  t.equal(await codeOf(key, govern), 'NAME_TAKEN');

  await get(url, boss, member('suspendMember'), of);
  t.equal(await codeOf(key, look), 'UNAUTHENTICATED');
  await get(url, boss, member('reactivateMember'), of);
  t.equal(await codeOf(key, govern), 'NAME_TAKEN');

  await get(url, boss, member('removeMember'), of);
  t.equal(await codeOf(key, look), 'UNAUTHENTICATED');
  // The session goes on, in the name of the person alone.
  const { organizations } = await get(url, hand, look);
  t.match(organizations.nodes, [{ role: 'OWNER' }]);
  t.equal(organizations.nodes.length, 1);
});

onEachLocation('a deleted organization takes its keys along, at once', async (t, location) => {
  const { url } = await startWhole(t, location);
  const boss = { cookie: await signUp(url, 'boss@example.com') };
  const { createOrganization } = await get(
    url,
    boss,
    'mutation { createOrganization(input: { name: "Company" }) { id } }',
  );
  const { id } = createOrganization;
  await get(url, boss, 'mutation ($id: ID!) { switchOrganization(id: $id) { id } }', { id });
  const { createAPIKey } = await get(
    url,
    boss,
    'mutation { createAPIKey(input: { name: "a" }) { key } }',
  );
  const look = '{ organizations { nodes { id } } }';
  const { headers: key } = bearer(createAPIKey.key);
  t.strictSame((await get(url, key, look)).organizations.nodes, [{ id }]);
  await get(url, boss, 'mutation ($id: ID!) { deleteOrganization(id: $id) }', { id });
  t.equal((await ask(url, look, { headers: key })).status, 401);
  t.notMatch((await get(url, boss, look)).organizations.nodes, [{ id }]);
});
