import { randomBytes } from 'node:crypto';
import { pino } from 'pino';
import type { Test } from 'tap';
import type { Caller } from '#contract/caller.ts';
import { CLAIMS_HEADER } from '#contract/claims.ts';
import { SECURE_SESSION_COOKIE, SESSION_COOKIE } from '#contract/identity.ts';
import { permissionsOf } from '#contract/permissions/scope.ts';
import {
  createIdentity,
  type IdentityOptions,
  type RunningIdentity,
} from '#subgraphs/identity/app.ts';
import { type IdentityDatabase, identityDatabase } from '#subgraphs/identity/database/tables.ts';
import { defineIdentity } from '#subgraphs/identity/settings.ts';
import { type Answer, askSubgraph } from './ask-subgraph.ts';
import { type ClaimsIssuer, createClaimsIssuer } from './claims-issuer.ts';
import { quickPasswords } from './quick-passwords.ts';
import type { Store } from './stores.ts';
import { createTestClock, type TestClock } from './test-clock.ts';

export const BASE_URL = 'http://127.0.0.1:4000';
export const PASSWORD = 'correct horse battery staple';

/** For a test that makes more keys than a person may usually have. */
export const manyKeys = defineIdentity({ keys: { maxPersonalKeys: 1_000_000 } });

/** An identity on a test's own store, and the ways in which a test reaches it. */
export interface TestIdentity extends RunningIdentity {
  readonly clock: TestClock;
  readonly issuer: ClaimsIssuer;
  readonly pepper: string;
  readonly tables: IdentityDatabase;
  /** Everything that was logged, as it was written. */
  logs(): string;
  /** Asks `/graphql` as this caller, with claims that are good now. */
  ask(caller: Caller, query: string, variables?: Record<string, unknown>): Promise<Answer>;
  /** Signs somebody up over HTTP; answers their caller and the value of their session cookie. */
  signUp(email?: string): Promise<{ readonly caller: Caller; readonly session: string }>;
  /** Makes a key; answers its text and its caller. */
  createKey(
    caller: Caller,
    input?: Record<string, unknown>,
  ): Promise<{ readonly id: string; readonly key: string; readonly caller: Caller }>;
}

export function newPepper(version: number): string {
  return `v${version}:${randomBytes(32).toString('base64')}`;
}

/** Passwords are hashed quickly; `passwords: undefined` has them hashed as they are elsewhere. */
export async function startIdentity(
  t: Test,
  store: Store,
  changes: Partial<IdentityOptions> = {},
): Promise<TestIdentity> {
  const clock = createTestClock();
  const issuer = await createClaimsIssuer();
  const pepper = changes.pepper ?? newPepper(1);
  const lines: string[] = [];
  const production = changes.production ?? false;
  const running = await createIdentity({
    database: store.database,
    dialect: store.dialect,
    clock,
    pepper,
    claims: { keys: issuer.keys },
    baseUrl: BASE_URL,
    production,
    passwords: quickPasswords,
    logger: pino({ level: 'trace' }, { write: (line: string) => lines.push(line) }),
    ...changes,
  });
  t.teardown(() => running.close());

  const ask: TestIdentity['ask'] = async (caller, query, variables) => {
    const token = await issuer.mint(caller, 'identity', clock.now());
    return askSubgraph(running.app, { [CLAIMS_HEADER]: token }, query, variables);
  };

  return {
    ...running,
    clock,
    issuer,
    pepper,
    tables: identityDatabase(store.database),
    logs: () => lines.join(''),
    ask,

    async signUp(email = `${randomBytes(6).toString('hex')}@example.com`) {
      const response = await running.app.inject({
        method: 'POST',
        url: '/api/auth/sign-up/email',
        payload: { name: 'Ada', email, password: PASSWORD },
      });
      t.equal(response.statusCode, 200, `signs ${email} up`);
      const session = sessionOf(response.headers['set-cookie'], production);
      const resolution = await running.identity.resolve({ kind: 'session', text: session });
      if (!resolution.active) throw new Error('a fresh session is not active');
      return { caller: resolution.caller, session };
    },

    async createKey(caller, input = {}) {
      const { data, errors } = await ask(
        caller,
        'mutation ($input: CreateAPIKeyInput!) { createAPIKey(input: $input) { id key } }',
        { input: { name: 'a key', ...input } },
      );
      if (errors !== undefined || !data) throw new Error(errors?.[0]?.message);
      const { id, key } = data.createAPIKey as { id: string; key: string };
      const resolution = await running.identity.resolve({ kind: 'key', text: key });
      if (!resolution.active) throw new Error('a fresh key is not active');
      return { id, key, caller: resolution.caller };
    },
  };
}

/** The value of the session cookie in a `Set-Cookie` header. */
export function sessionOf(setCookie: string | string[] | undefined, production = false): string {
  const name = production ? SECURE_SESSION_COOKIE : SESSION_COOKIE;
  const cookie = [setCookie].flat().find((each) => each?.startsWith(`${name}=`));
  if (cookie === undefined) throw new Error('there is no session cookie');
  return decodeURIComponent(cookie.slice(name.length + 1).split(';')[0] ?? '');
}

/** A caller with other scopes, as a key that was given them would be. */
export function withScopes(caller: Caller, ...scopes: string[]): Caller {
  return { ...caller, permissions: permissionsOf(scopes) };
}
