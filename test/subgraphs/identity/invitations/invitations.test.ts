import { createMailer } from '#subgraphs/identity/mail/mailer.ts';
import { defineIdentity } from '#subgraphs/identity/settings.ts';
import { type Company, startCompany } from '../../support/company.ts';
import { onEachStore } from '../../support/stores.ts';

const invite = `mutation ($organizationId: ID!, $email: String!, $role: OrganizationRole) {
  inviteMember(input: { organizationId: $organizationId, email: $email, role: $role }) {
    id email role status expiresAt invitedBy { email } } }`;
const accept = 'mutation ($token: String!) { acceptInvitation(token: $token) { id name role } }';
const decline = 'mutation ($token: String!) { declineInvitation(token: $token) }';
const resend = 'mutation ($id: ID!) { resendInvitation(id: $id) { id status } }';
const revoke = 'mutation ($id: ID!) { revokeInvitation(id: $id) { id status } }';
const list = '{ organization(slug: "company") { invitations { nodes { email status } } } }';
const HOUR = 3_600_000;

/** Invites the stranger; answers the invitation's id and the token in the mail. */
async function invited(company: Company, role = 'MEMBER', as: 'owner' | 'admin' = 'owner') {
  const { people, organizationId, get, mailbox, stranger } = company;
  const variables = { organizationId, email: stranger.email, role };
  const { inviteMember } = await get(people[as].caller, invite, variables);
  return { id: inviteMember.id as string, token: await mailbox.tokenFor(stranger.email) };
}

onEachStore(
  'an invitation comes by mail and is accepted once, by whom it is for',
  async (t, store) => {
    const company = await startCompany(t, store);
    const { people, organizationId, get, code, mailbox, stranger, identity } = company;
    const { inviteMember } = await get(people.admin.caller, invite, {
      organizationId,
      email: ' Stranger@Example.com ',
    });
    t.match(inviteMember, {
      email: 'stranger@example.com',
      role: 'MEMBER',
      status: 'PENDING',
      invitedBy: { email: people.admin.email },
      expiresAt: new Date(identity.clock.now() + 7 * 24 * HOUR).toISOString(),
    });
    const token = await mailbox.tokenFor(stranger.email);
    const [mail] = await mailbox.invitations();
    t.match(mail, {
      to: stranger.email,
      kind: 'invitation',
      subject: 'You are invited to Company',
    });
    t.equal(await code(people.member.caller, accept, { token }), 'FORBIDDEN');
    const key = (await identity.createKey(stranger.caller, { permissions: ['READ', 'ADMIN'] }))
      .caller;
    t.equal(await code(key, accept, { token }), 'FORBIDDEN', 'it takes a session');
    t.equal(await code(stranger.caller, accept, { token: `${token}x` }), 'NOT_FOUND');
    t.strictSame(await get(stranger.caller, accept, { token }), {
      acceptInvitation: { id: organizationId, name: 'Company', role: 'MEMBER' },
    });
    t.equal(await code(stranger.caller, accept, { token }), 'INVITATION_VOID');
    t.strictSame((await get(people.owner.caller, list)).organization.invitations.nodes, [
      { email: stranger.email, status: 'ACCEPTED' },
    ]);
  },
);

onEachStore('the token is in the mail alone', async (t, store) => {
  const company = await startCompany(t, store);
  const { token } = await invited(company);
  const { tables } = company.identity;
  const stored = await tables.selectFrom('invitation').selectAll().execute();
  const logged = await tables.selectFrom('identity_log').selectAll().execute();
  t.notOk(JSON.stringify([stored, logged]).includes(token));
  t.notOk(company.identity.logs().includes(token));
  t.ok(logged.some(({ action }) => action === 'invitation.sent'));
  t.notOk(JSON.stringify(logged).includes(stored[0]?.token_hash ?? ''));
});

onEachStore(
  'an invitation is accepted once, however often it is tried at once',
  async (t, store) => {
    const company = await startCompany(t, store);
    const { stranger, code } = company;
    const { token } = await invited(company);
    const codes = await Promise.all(
      Array.from({ length: 5 }, () => code(stranger.caller, accept, { token })),
    );
    t.strictSame(codes.toSorted(), [
      'INVITATION_VOID',
      'INVITATION_VOID',
      'INVITATION_VOID',
      'INVITATION_VOID',
      'OK',
    ]);
  },
);

onEachStore(
  'an invitation that is late, declined, revoked or replaced holds no more',
  async (t, store) => {
    const company = await startCompany(t, store);
    const { identity, people, stranger, code, get } = company;
    const { caller } = stranger;
    const first = await invited(company);
    identity.clock.advance(7 * 24 * HOUR - 1);
    const second = await invited(company);
    t.equal(await code(caller, accept, { token: first.token }), 'INVITATION_VOID', 'replaced');
    identity.clock.advance(7 * 24 * HOUR);
    t.equal(await code(caller, accept, { token: second.token }), 'INVITATION_VOID', 'late');
    t.match((await get(people.owner.caller, list)).organization.invitations.nodes, [
      { status: 'EXPIRED' },
      { status: 'REVOKED' },
    ]);
    t.equal(await code(people.owner.caller, resend, { id: second.id }), 'OK');
    t.equal(await code(caller, accept, { token: second.token }), 'NOT_FOUND', 'an older mail');
    const token = await company.mailbox.tokenFor(stranger.email);
    t.equal(await code(people.member.caller, decline, { token }), 'FORBIDDEN');
    t.equal(await code(caller, decline, { token }), 'OK');
    t.equal(await code(caller, accept, { token }), 'INVITATION_VOID', 'declined');
    t.equal(await code(people.owner.caller, resend, { id: second.id }), 'INVITATION_VOID');
    const third = await invited(company);
    t.equal(await code(people.owner.caller, revoke, { id: third.id }), 'OK');
    t.equal(await code(people.owner.caller, revoke, { id: third.id }), 'INVITATION_VOID');
    t.equal(await code(caller, accept, { token: third.token }), 'INVITATION_VOID', 'revoked');
    const actions = await identity.tables
      .selectFrom('identity_log')
      .select('action')
      .where('action', 'like', 'invitation.%')
      .orderBy('sequence')
      .execute();
    t.strictSame(
      actions.map(({ action }) => action.slice('invitation.'.length)),
      ['sent', 'revoked', 'sent', 'sent_again', 'declined', 'sent', 'revoked'],
    );
  },
);

onEachStore('who may not give the role any more has invited nobody', async (t, store) => {
  const company = await startCompany(t, store);
  const { people, organizationId, code, stranger } = company;
  const { owner, admin } = people;
  const of = { organizationId, userId: admin.id };
  const arguments_ = '($organizationId: ID!, $userId: ID!)';
  const values = 'organizationId: $organizationId, userId: $userId';
  const { token, id } = await invited(company, 'MEMBER', 'admin');
  const tryIt = () => code(stranger.caller, accept, { token });
  const demote = `mutation ${arguments_} { changeMemberRole(${values}, role: MEMBER) { id } }`;
  t.equal(await code(owner.caller, demote, of), 'OK');
  t.equal(await tryIt(), 'INVITATION_VOID');
  t.equal(await code(owner.caller, demote.replace('MEMBER', 'ADMIN'), of), 'OK');
  t.equal(
    await code(owner.caller, `mutation ${arguments_} { suspendMember(${values}) { id } }`, of),
    'OK',
  );
  t.equal(await tryIt(), 'INVITATION_VOID');
  t.equal(await code(owner.caller, `mutation ${arguments_} { removeMember(${values}) }`, of), 'OK');
  t.equal(await tryIt(), 'INVITATION_VOID');
  // Whoever sends it again answers for it.
  t.equal(await code(owner.caller, resend, { id }), 'OK');
  const again = await company.mailbox.tokenFor(stranger.email);
  t.equal(await code(stranger.caller, accept, { token: again }), 'OK');
});

onEachStore('nobody learns from an invitation whether an account exists', async (t, store) => {
  const { people, organizationId, get, code, mailbox, stranger } = await startCompany(t, store);
  const ask = async (email: string) => {
    const { inviteMember } = await get(people.owner.caller, invite, { organizationId, email });
    return { ...inviteMember, id: null, email: null };
  };
  t.strictSame(await ask(stranger.email), await ask('nobody@example.com'));
  t.equal((await mailbox.invitations()).length, 2);
  // Those who are members are seen by all members.
  const email = people.member.email.toUpperCase();
  t.equal(await code(people.owner.caller, invite, { organizationId, email }), 'ALREADY_MEMBER');
});

onEachStore('a member who was invited before cannot accept on top', async (t, store) => {
  const company = await startCompany(t, store);
  const { code, stranger, organizationId, identity } = company;
  const { token } = await invited(company, 'OWNER');
  await identity.tables
    .insertInto('member')
    .values({
      id: 'member_x',
      organizationId,
      userId: stranger.id,
      role: 'read-only',
      createdAt: new Date().toISOString(),
    })
    .execute();
  t.equal(await code(stranger.caller, accept, { token }), 'ALREADY_MEMBER');
});

onEachStore('invitations are no way to send mail in masses', async (t, store) => {
  const settings = defineIdentity({
    invitations: { maxPerDay: 4, maxPending: 3, maxPerAddress: 2 },
    organizations: { maxMembers: 4 },
  });
  const company = await startCompany(t, store, { settings });
  const { people, organizationId, code, identity, mailbox, get, stranger } = company;
  const { owner } = people;
  const ask = (email: string, id = organizationId) =>
    code(owner.caller, invite, { organizationId: id, email });
  // To one address, also from elsewhere.
  const { createOrganization } = await get(
    owner.caller,
    'mutation { createOrganization(input: { name: "Other" }) { id } }',
  );
  const codes = await Promise.all(Array.from({ length: 6 }, () => ask('a@example.com')));
  t.strictSame(codes.filter((each) => each === 'OK').length, 2);
  t.equal(await ask('a@example.com', createOrganization.id), 'LIMIT_REACHED');
  // In a day, by one person, whatever the organization.
  t.equal(await ask('b@example.com'), 'OK');
  t.equal(await ask('c@example.com', createOrganization.id), 'OK');
  t.equal(await ask('d@example.com', createOrganization.id), 'LIMIT_REACHED');
  identity.clock.advance(24 * HOUR);
  t.equal(await ask('d@example.com'), 'OK');
  t.equal(await ask('e@example.com'), 'LIMIT_REACHED', 'too many are unanswered');
  t.equal((await mailbox.invitations()).length, 5, 'what is refused is not sent');
  identity.clock.advance(7 * 24 * HOUR);
  const { token } = await invited(company);
  t.equal(await code(stranger.caller, accept, { token }), 'LIMIT_REACHED', 'members are counted');
});

onEachStore('without mail nobody is invited, and no row is left', async (t, store) => {
  const mailer = createMailer({
    transport: null,
    logger: { warn: () => undefined, error: () => undefined },
  });
  const { people, organizationId, code, identity } = await startCompany(t, store, { mailer });
  const variables = { organizationId, email: 'a@example.com' };
  t.equal(await code(people.owner.caller, invite, variables), 'MAIL_UNAVAILABLE');
  t.strictSame(await identity.tables.selectFrom('invitation').selectAll().execute(), []);
});

onEachStore('only an address can be invited, and a name carries no link', async (t, store) => {
  const { people, organizationId, code, mailbox } = await startCompany(t, store);
  const { caller } = people.owner;
  for (const email of [
    '',
    'a',
    'a@b',
    'a@b@c.d',
    'a b@c.de',
    'a@c.de\nbcc: b@c.de',
    'ä@c.de',
    `${'a'.repeat(65)}@c.de`,
  ]) {
    t.equal(await code(caller, invite, { organizationId, email }), 'BAD_USER_INPUT', email);
  }
  const rename = `mutation ($id: ID!) {
    updateOrganization(id: $id, input: { name: "You won: https://evil.example/x" }) { id } }`;
  t.equal(await code(caller, rename, { id: organizationId }), 'OK');
  t.equal(await code(caller, invite, { organizationId, email: 'a@c.de' }), 'OK');
  const [mail] = await mailbox.invitations();
  t.notMatch(JSON.stringify(mail), /evil/);
  t.match(mail?.text, /"company"/);
});

onEachStore('the mail leads to the page of the installation', async (t, store) => {
  const settings = defineIdentity({ invitations: { acceptUrl: 'https://app.example.com/join' } });
  const company = await startCompany(t, store, { settings });
  const { token } = await invited(company);
  const [mail] = await company.mailbox.invitations();
  t.match(mail?.text, `https://app.example.com/join#${token}`);
});
