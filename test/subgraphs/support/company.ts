import type { Test } from 'tap';
import type { Caller } from '#contract/caller.ts';
import { newId } from '#contract/ids.ts';
import type { IdentityOptions } from '#subgraphs/identity/app.ts';
import type { Role } from '#subgraphs/identity/rights/role.ts';
import { createMailbox, type Mailbox } from './mailbox.ts';
import { startIdentity, type TestIdentity } from './running-identity.ts';
import type { Store } from './stores.ts';

export interface Person {
  readonly id: string;
  readonly email: string;
  /** With their session, in the company. */
  readonly caller: Caller;
  /** The value of their session cookie. */
  readonly session: string;
}

/** An organization with somebody in each role, and a stranger. */
export interface Company {
  readonly identity: TestIdentity;
  readonly mailbox: Mailbox;
  readonly organizationId: string;
  readonly projectId: string;
  readonly people: Readonly<Record<Role, Person>>;
  readonly stranger: Person;
  /** Signs somebody up and makes them a member. */
  join(role: Role): Promise<Person>;
  /** Asks as somebody and answers the data. Fails when there is an error. */
  get(caller: Caller, query: string, variables?: Record<string, unknown>): Promise<Data>;
  /** Asks as somebody and answers the code of the first error, or OK. */
  code(caller: Caller, query: string, variables?: Record<string, unknown>): Promise<unknown>;
  /** Who the session is now. */
  resolve(person: Person): Promise<Caller>;
}

// biome-ignore lint/suspicious/noExplicitAny: an answer has whatever shape the question gave it
type Data = any;

export async function startCompany(
  t: Test,
  store: Store,
  options: Partial<IdentityOptions> = {},
): Promise<Company> {
  const mailbox = createMailbox();
  const identity = await startIdentity(t, store, { mailer: mailbox.mailer, ...options });

  async function get(
    caller: Caller,
    query: string,
    variables?: Record<string, unknown>,
  ): Promise<Data> {
    const { data, errors } = await identity.ask(caller, query, variables);
    if (errors !== undefined) throw new Error(`${errors[0]?.message}: ${query}`);
    return data;
  }

  async function signUp(name: string): Promise<Person> {
    const email = `${name}@example.com`;
    const { caller, session } = await identity.signUp(email);
    // The clock of a test runs past the end of a session.
    return { id: caller.subject ?? '', email, caller: { ...caller, expiresAt: null }, session };
  }

  async function inside(person: Person): Promise<Person> {
    return { ...person, caller: { ...person.caller, organization: organizationId } };
  }

  async function join(role: Role): Promise<Person> {
    const person = await signUp(newId(role).replaceAll('_', '-').toLowerCase());
    await identity.tables
      .insertInto('member')
      .values({
        id: newId('member'),
        organizationId,
        userId: person.id,
        role,
        createdAt: new Date(identity.clock.now()).toISOString(),
      })
      .execute();
    return inside(person);
  }

  const founder = await signUp('owner');
  const { createOrganization } = await get(
    founder.caller,
    'mutation { createOrganization(input: { name: "Company", slug: "company" }) { id projects { id } } }',
  );
  const organizationId: string = createOrganization.id;
  return {
    identity,
    mailbox,
    organizationId,
    projectId: createOrganization.projects[0].id,
    people: {
      owner: await inside(founder),
      admin: await join('admin'),
      member: await join('member'),
      'read-only': await join('read-only'),
    },
    stranger: await signUp('stranger'),
    join,
    get,
    async code(caller, query, variables) {
      const { errors } = await identity.ask(caller, query, variables);
      return errors === undefined ? 'OK' : errors[0]?.extensions?.code;
    },
    async resolve({ session }) {
      const resolution = await identity.identity.resolve({ kind: 'session', text: session });
      if (!resolution.active) throw new Error('the session is not active');
      return resolution.caller;
    },
  };
}
