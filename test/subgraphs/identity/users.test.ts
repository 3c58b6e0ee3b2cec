import { codeOf } from '../support/ask-subgraph.ts';
import { startIdentity } from '../support/running-identity.ts';
import { onEachStore } from '../support/stores.ts';

onEachStore('me and viewer are the caller, with their personal organization', async (t, store) => {
  const identity = await startIdentity(t, store);
  const { caller } = await identity.signUp('ada@example.com');
  const fields = '{ id email name organizations { id name slug createdAt } }';
  const { data } = await identity.ask(caller, `{ me ${fields} viewer ${fields} }`);
  const me = {
    id: caller.subject,
    email: 'ada@example.com',
    name: 'Ada',
    organizations: [{ id: caller.organization, name: 'Personal' }],
  };
  t.match(data, { me, viewer: me });
  t.match(data, { me: { organizations: [{ createdAt: /^\d{4}-.*Z$/ }] } });
});

onEachStore('everybody has one project with a master environment', async (t, store) => {
  const identity = await startIdentity(t, store);
  const { caller } = await identity.signUp('ada@example.com');
  const environments = () =>
    identity.tables
      .selectFrom('environment')
      .innerJoin('project', 'project.id', 'environment.project_id')
      .select(['environment.name', 'project.organization_id'])
      .execute();
  const expected = [{ name: 'master', organization_id: caller.organization }];
  t.same(await environments(), expected);
  // A process that died between the sign-up and what follows it left some of it out.
  await identity.tables.deleteFrom('organization').execute();
  t.same(await environments(), []);
  const signIn = () =>
    identity.app.inject({
      method: 'POST',
      url: '/api/auth/sign-in/email',
      payload: { email: 'ada@example.com', password: 'correct horse battery staple' },
    });
  const answers = await Promise.all([signIn(), signIn(), signIn()]);
  t.strictSame(
    answers.map(({ statusCode }) => statusCode),
    [200, 200, 200],
  );
  t.same(await environments(), expected);
});

onEachStore('an e-mail address is for those who share an organization', async (t, store) => {
  const identity = await startIdentity(t, store);
  const { caller: ada } = await identity.signUp('ada@example.com');
  const { caller: eve } = await identity.signUp('eve@example.com');
  const look = async () =>
    (
      await identity.ask(
        eve,
        'query ($r: [_Any!]!) { _entities(representations: $r) { ... on User { id name email organizations { id } } } }',
        { r: [ada.subject, eve.subject, 'nobody'].map((id) => ({ __typename: 'User', id })) },
      )
    ).data?._entities;
  const self = {
    id: eve.subject,
    name: 'Ada',
    email: 'eve@example.com',
    organizations: [{ id: eve.organization }],
  };
  const stranger = { id: ada.subject, name: 'Ada', email: null, organizations: [] };
  t.strictSame(await look(), [stranger, self, null]);
  await identity.tables
    .insertInto('member')
    .values({
      id: 'member_guest',
      organizationId: ada.organization ?? '',
      userId: eve.subject ?? '',
      role: 'member',
      createdAt: new Date().toISOString(),
    })
    .execute();
  t.match(await look(), [{ email: 'ada@example.com', organizations: [{ id: ada.organization }] }]);
});

onEachStore('an organization is for its members', async (t, store) => {
  const identity = await startIdentity(t, store);
  const { caller: ada } = await identity.signUp();
  const { caller: eve } = await identity.signUp();
  const { data } = await identity.ask(
    eve,
    'query ($r: [_Any!]!) { _entities(representations: $r) { ... on Organization { id } } }',
    {
      r: [ada.organization, eve.organization, 'none'].map((id) => ({
        __typename: 'Organization',
        id,
      })),
    },
  );
  t.strictSame(data, { _entities: [null, { id: eve.organization }, null] });
});

onEachStore('claims of somebody who is gone are no credential', async (t, store) => {
  const identity = await startIdentity(t, store);
  const { caller } = await identity.signUp();
  await identity.tables.deleteFrom('user').execute();
  t.equal(codeOf(await identity.ask(caller, '{ me { id } }')), 'UNAUTHENTICATED');
});
