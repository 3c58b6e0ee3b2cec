import { anonymousCaller, type Caller } from '#contract/caller.ts';
import { type Role, roles } from '#subgraphs/identity/rights/role.ts';
import { defineIdentity, type IdentitySettings } from '#subgraphs/identity/settings.ts';
import { type Company, startCompany } from '../../support/company.ts';
import { onEachStore } from '../../support/stores.ts';
import { type Attempt, attempts, last } from './attempts.ts';

const credentials = ['session', 'key', 'admin key'] as const;
type Credential = (typeof credentials)[number];

/** A session of somebody, or a key of theirs; of a role that cannot make such a key, none. */
async function callerWith(
  { identity, people }: Company,
  role: Role,
  credential: Credential,
): Promise<Caller> {
  const { caller } = people[role];
  if (credential === 'session') return caller;
  const permissions = credential === 'key' ? ['READ'] : ['READ', 'ADMIN'];
  return (await identity.createKey(caller, { permissions })).caller;
}

function expectedCode(attempt: Attempt, role: Role, credential: Credential): string {
  if (credential === 'key') return 'FORBIDDEN';
  const able = credential === 'session' ? attempt.session : attempt.adminKey;
  return able.includes(role) ? 'OK' : 'FORBIDDEN';
}

onEachStore(
  'each role and credential may do what it should, and nothing else',
  async (t, store) => {
    const company = await startCompany(t, store, {
      settings: generous(),
    });
    const { identity, stranger } = company;
    const callers = new Map<string, Caller>();
    for (const role of roles) {
      for (const credential of credentials) {
        callers.set(`${role}, ${credential}`, await callerWith(company, role, credential));
      }
    }
    const strangersKey = (
      await identity.createKey(stranger.caller, { permissions: ['READ', 'ADMIN'] })
    ).caller;
    for (const attempt of attempts) {
      const name = attempt.mutation.replaceAll(/\s+/g, ' ');
      for (const role of roles) {
        for (const credential of credentials) {
          const caller = callers.get(`${role}, ${credential}`) ?? anonymousCaller;
          const variables = await attempt.prepare(company);
          t.equal(
            await company.code(caller, attempt.mutation, variables),
            expectedCode(attempt, role, credential),
            `${role}, ${credential}: ${name}`,
          );
        }
      }
      const variables = await attempt.prepare(company);
      t.equal(await company.code(stranger.caller, attempt.mutation, variables), 'NOT_FOUND', name);
      // What takes a session is refused to a key before anything is looked up.
      const keyCode = attempt.adminKey.length === 0 ? 'FORBIDDEN' : 'NOT_FOUND';
      t.equal(await company.code(strangersKey, attempt.mutation, variables), keyCode, name);
      t.equal(
        await company.code(anonymousCaller, attempt.mutation, variables),
        'UNAUTHENTICATED',
        name,
      );
      const unknown = Object.fromEntries(
        Object.entries(variables).map(([key, value]) => [
          key,
          /id$/i.test(key) ? 'unknown' : value,
        ]),
      );
      t.equal(await company.code(stranger.caller, attempt.mutation, unknown), 'NOT_FOUND', name);
    }
  },
);

onEachStore('only those who may end or hand over an organization do so', async (t, store) => {
  const company = await startCompany(t, store, { settings: generous() });
  const { people, stranger, code } = company;
  for (const attempt of last) {
    const variables = await attempt.prepare(company);
    const name = attempt.mutation;
    for (const role of roles) {
      for (const credential of credentials) {
        if (expectedCode(attempt, role, credential) === 'OK') continue;
        const caller = await callerWith(company, role, credential);
        t.equal(
          await code(caller, name, variables),
          'FORBIDDEN',
          `${role}, ${credential}: ${name}`,
        );
      }
    }
    t.equal(await code(stranger.caller, name, variables), 'NOT_FOUND', name);
    t.equal(await code(anonymousCaller, name, variables), 'UNAUTHENTICATED', name);
  }
  const [transfer, leave, remove] = last;
  const id = company.organizationId;
  for (const role of ['read-only', 'member', 'admin', 'owner'] as const) {
    t.equal(await code(people[role].caller, leave?.mutation ?? '', { id }), 'OK', role);
  }
  const heir = await company.join('owner');
  const userId = (await company.join('member')).id;
  const handOver = { organizationId: id, userId };
  t.equal(await code(heir.caller, transfer?.mutation ?? '', handOver), 'OK');
  t.equal(await code(heir.caller, remove?.mutation ?? '', { id }), 'FORBIDDEN');
});

function generous(): IdentitySettings {
  return defineIdentity({
    organizations: { maxProjects: 10_000 },
    keys: { maxPersonalKeys: 1_000 },
    invitations: { maxPerDay: 10_000, maxPending: 10_000, maxPerAddress: 100 },
  });
}
