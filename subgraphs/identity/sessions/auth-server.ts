import { type BetterAuthOptions, betterAuth } from 'better-auth';
import { APIError } from 'better-auth/api';
import { organization } from 'better-auth/plugins';
import type { FastifyBaseLogger } from 'fastify';
import { CLIENT_ADDRESS_HEADER } from '#contract/claims.ts';
import { CodedError, type ErrorCode } from '#contract/errors.ts';
import { newId } from '#contract/ids.ts';
import type { Database, Dialect } from '#subgraphs/kit/index.ts';
import type { IdentitySettings } from '../settings.ts';
import { type NewPerson, whyNoPerson } from '../users/why-no-person.ts';

const SESSION_LIFE_SECONDS = 7 * 24 * 3600;

/** Accounts, passwords and sessions: what better-auth does for us, and no more of it than we use. */
export interface AuthServer {
  handle(request: Request): Promise<Response>;
  /** Makes an account as the public sign-up does; answers its id. */
  signUp(person: Person): Promise<string>;
  /**
   * Gives the account with this address the name and password, and ends its sessions; answers its id, null
   * when there is no such account.
   */
  recover(person: Person): Promise<string | null>;
}

export interface Person {
  readonly name: string;
  readonly email: string;
  readonly password: string;
}

export interface AuthServerOptions {
  readonly database: Database;
  readonly dialect: Dialect;
  /** The first one signs. */
  readonly secrets: readonly { readonly version: number; readonly value: string }[];
  readonly baseUrl: string;
  readonly trustedOrigins: readonly string[];
  readonly production: boolean;
  readonly settings: IdentitySettings;
  readonly logger: FastifyBaseLogger;
  /** Runs after the commit of a new session, and before the sign-up or sign-in is answered. */
  readonly onSessionMade: (userId: string) => Promise<void>;
}

export function createAuthServer(options: BetterAuthOptions): AuthServer {
  const auth = betterAuth(options);
  return {
    handle: (request) => auth.handler(request),
    async signUp(person) {
      const { user } = await auth.api.signUpEmail({ body: { ...person } });
      if (user === undefined) throw new CodedError('INTERNAL_SERVER_ERROR');
      return user.id;
    },
    async recover({ name, email, password }) {
      const { internalAdapter, password: passwords } = await auth.$context;
      const found = await internalAdapter.findUserByEmail(email);
      if (found === null) return null;
      const { id } = found.user;
      await internalAdapter.updatePassword(id, await passwords.hash(password));
      await internalAdapter.updateUser(id, { name });
      await internalAdapter.deleteUserSessions(id);
      return id;
    },
  };
}

/** What better-auth is told, also for its migrations. It opens nothing and sends nothing anywhere. */
export function authOptions(options: AuthServerOptions): BetterAuthOptions {
  const { database, dialect, production, settings, logger } = options;
  return {
    appName: 'Castellan',
    baseURL: options.baseUrl,
    basePath: '/api/auth',
    secrets: options.secrets.map((secret) => ({ ...secret })),
    trustedOrigins: [...options.trustedOrigins],
    // The one Kysely of this process: a second one on the same file would lose acknowledged writes.
    database: { db: database, type: dialect, transaction: true },
    emailAndPassword: {
      enabled: true,
      minPasswordLength: settings.passwords.minLength,
      maxPasswordLength: 256,
    },
    session: { expiresIn: SESSION_LIFE_SECONDS },
    advanced: {
      cookiePrefix: 'castellan',
      useSecureCookies: production,
      database: { generateId: ({ model }) => newId(model) },
      ipAddress: { ipAddressHeaders: [CLIENT_ADDRESS_HEADER] },
    },
    rateLimit: { enabled: production, storage: 'memory' },
    telemetry: { enabled: false },
    logger: {
      level: 'warn',
      // Its details can hold addresses and tokens; the message says enough.
      log: (level, message) => logger[level === 'error' ? 'error' : 'warn'](message),
    },
    plugins: [organization()],
    databaseHooks: {
      session: {
        create: { after: (session) => options.onSessionMade(session.userId) },
      },
      user: {
        create: { before: async (person) => ({ data: checked(person) }) },
      },
    },
  };
}

/** A new person as they are stored. A mistake is answered as better-auth answers its own. */
function checked<Data extends NewPerson>(person: Data): Data {
  const message = whyNoPerson(person);
  const code: ErrorCode = 'BAD_USER_INPUT';
  if (message !== null) throw new APIError('BAD_REQUEST', { code, message });
  return { ...person, name: person.name.trim() };
}
