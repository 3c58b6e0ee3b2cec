import { anonymousCaller, type Caller } from '#contract/caller.ts';
import { personalIds } from '#subgraphs/identity/organizations/personal-organization.ts';
import { type Answer, codeOf } from '../../support/ask-subgraph.ts';
import { startIdentity, withScopes } from '../../support/running-identity.ts';
import { onEachStore } from '../../support/stores.ts';

const LOG = `query ($first: Int, $after: String, $organizationId: ID, $filter: AuditFilter) {
  auditLog(first: $first, after: $after, organizationId: $organizationId, filter: $filter) {
    nodes { id at action objectId subjectId organizationId actor { kind id credentialId } details { name value } }
    edges { cursor }
    pageInfo { hasNextPage hasPreviousPage endCursor }
  }
}`;

interface Log {
  readonly nodes: readonly {
    readonly id: string;
    readonly action: string;
    readonly subjectId: string;
    readonly organizationId: string | null;
  }[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string };
}

function logOf({ data, errors }: Answer): Log {
  if (!data) throw new Error(JSON.stringify(errors));
  return data.auditLog as Log;
}

onEachStore('an organization’s entries are shown to who governs it', async (t, store) => {
  const identity = await startIdentity(t, store);
  const { caller } = await identity.signUp();
  await identity.signUp();
  const { id } = await identity.createKey(caller);
  const organizationId = caller.organization;
  const { data } = await identity.ask(caller, LOG, { organizationId, first: 2 });
  t.match(data?.auditLog, {
    nodes: [
      {
        action: 'key.created',
        objectId: id,
        subjectId: caller.subject,
        organizationId,
        actor: { kind: 'session', id: caller.subject, credentialId: caller.credentialId },
        details: [{ name: 'name', value: 'a key' }],
      },
      { action: 'environment.created' },
    ],
    pageInfo: { hasNextPage: true, hasPreviousPage: false },
  });
});

onEachStore('without an organization it is what concerns the caller', async (t, store) => {
  const identity = await startIdentity(t, store);
  const { caller } = await identity.signUp();
  await identity.signUp();
  const { nodes } = logOf(await identity.ask(caller, LOG, {}));
  t.same(
    nodes.map(({ action }) => action),
    ['member.added', 'session.started', 'user.created'],
  );
  t.ok(nodes.every(({ subjectId }) => subjectId === caller.subject));
});

onEachStore('pages are whole while the log grows', async (t, store) => {
  const identity = await startIdentity(t, store);
  const { caller } = await identity.signUp();
  for (let count = 0; count < 4; count += 1) await identity.createKey(caller);
  const seen: string[] = [];
  let after: string | undefined;
  for (let more = true; more; ) {
    const page = logOf(await identity.ask(caller, LOG, { first: 3, after }));
    seen.push(...page.nodes.map(({ id }) => id));
    [more, after] = [page.pageInfo.hasNextPage, page.pageInfo.endCursor];
    if (seen.length === 3) await identity.createKey(caller);
  }
  t.equal(new Set(seen).size, seen.length);
  t.equal(seen.length, 7);
  t.same(
    seen,
    seen.toSorted((a, b) => Number(b) - Number(a)),
  );
});

onEachStore('filters hold all at once', async (t, store) => {
  const identity = await startIdentity(t, store);
  const { caller } = await identity.signUp();
  await identity.createKey(caller);
  const start = new Date(identity.clock.now()).toISOString();
  identity.clock.advance(1_000);
  const end = new Date(identity.clock.now()).toISOString();
  await identity.createKey(caller);
  const count = async (filter: object) => {
    return logOf(await identity.ask(caller, LOG, { filter })).nodes.length;
  };
  t.equal(await count({ actions: ['key.created'] }), 2);
  t.equal(await count({ actions: ['key.created'], from: end }), 1);
  t.equal(await count({ actions: ['key.created'], from: start, to: end }), 1);
  t.equal(await count({ actorId: caller.subject, actions: ['key.created', 'key.revoked'] }), 2);
  t.equal(await count({ actorId: 'somebody' }), 0);
  t.equal(await count({ subjectId: "' or 1=1 --" }), 0);
});

onEachStore('nobody reads what is not theirs', async (t, store) => {
  const identity = await startIdentity(t, store);
  const { caller } = await identity.signUp();
  const { caller: other } = await identity.signUp();
  const organizationId = other.organization;
  t.equal(codeOf(await identity.ask(anonymousCaller, LOG, {})), 'UNAUTHENTICATED');
  const foreign = JSON.stringify(await identity.ask(caller, LOG, { organizationId }));
  const unknown = JSON.stringify(await identity.ask(caller, LOG, { organizationId: 'org_none' }));
  t.equal(foreign, unknown, 'byte for byte');
  t.match(foreign, /NOT_FOUND/);
  const mine = { organizationId: caller.organization };
  const reader = withScopes(caller, 'read:all');
  t.equal(codeOf(await identity.ask(reader, LOG, mine)), 'FORBIDDEN');
  t.equal(codeOf(await identity.ask(withScopes(caller), LOG, {})), 'FORBIDDEN');
  await identity.tables
    .updateTable('member')
    .set({ role: 'member' })
    .where('userId', '=', caller.subject)
    .execute();
  t.equal(codeOf(await identity.ask(caller, LOG, mine)), 'FORBIDDEN');
});

onEachStore('a key reads the log of its own organization alone', async (t, store) => {
  const identity = await startIdentity(t, store);
  const { caller } = await identity.signUp();
  const { caller: other } = await identity.signUp();
  const key = await identity.createKey(caller, { permissions: ['READ', 'ADMIN'] });
  await identity.tables
    .insertInto('member')
    .values({
      id: 'member_x',
      organizationId: other.organization ?? '',
      userId: caller.subject ?? '',
      role: 'owner',
      createdAt: new Date().toISOString(),
    })
    .execute();
  const both = [caller.organization, other.organization];
  const codes = [];
  for (const organizationId of both) {
    codes.push(codeOf(await identity.ask(key.caller, LOG, { organizationId })));
  }
  t.same(codes, [undefined, 'NOT_FOUND']);
  await identity.createKey({ ...caller, organization: other.organization });
  const told = logOf(await identity.ask(key.caller, LOG, {})).nodes;
  t.ok(told.some(({ action }) => action === 'key.created'));
  t.ok(
    told.every((entry) => entry.organizationId === caller.organization),
    'also of what concerns its owner',
  );
  t.equal(codeOf(await identity.ask(caller, LOG, { organizationId: both[1] })), undefined);
});

onEachStore('bad arguments get a coded error', async (t, store) => {
  const identity = await startIdentity(t, store);
  const { caller } = await identity.signUp();
  for (const variables of [
    { first: 0 },
    { first: 101 },
    { after: 'x' },
    { after: '' },
    { filter: { actions: [] } },
    { filter: { actions: Array.from({ length: 51 }, String) } },
  ]) {
    t.equal(codeOf(await identity.ask(caller, LOG, variables)), 'BAD_USER_INPUT');
  }
});

onEachStore('a key that is bound to several places reads no log of the whole', async (t, store) => {
  const identity = await startIdentity(t, store);
  const { caller } = await identity.signUp();
  const { project } = personalIds(caller.subject ?? '');
  const values = { organization_id: caller.organization ?? '', created_at: 1 };
  await identity.tables
    .insertInto('project')
    .values({ id: 'project_2', name: 'second', name_key: 'second', ...values })
    .execute();
  const permissions = ['READ', 'WRITE', 'ADMIN'];
  const whole = await identity.createKey(caller, { permissions });
  const bound = await identity.createKey(caller, {
    permissions,
    projectIds: [project, 'project_2'],
  });
  const ask = async (by: Caller) =>
    codeOf(await identity.ask(by, LOG, { organizationId: caller.organization }));
  t.equal(await ask(whole.caller), undefined);
  t.equal(await ask(bound.caller), 'FORBIDDEN');
});
