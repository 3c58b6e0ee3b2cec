import type { BetterAuthOptions, BetterAuthPlugin } from 'better-auth';
import { APIError } from 'better-auth/api';
import { organization, twoFactor } from 'better-auth/plugins';
import type { FastifyBaseLogger } from 'fastify';
import { CLIENT_ADDRESS_HEADER } from '#contract/claims.ts';
import type { ErrorCode } from '#contract/errors.ts';
import { newId } from '#contract/ids.ts';
import type { Database, Dialect } from '#subgraphs/kit/index.ts';
import type { AccountMails } from '../mail/account-mails.ts';
import type { Mailer } from '../mail/mailer.ts';
import type { IdentitySettings } from '../settings.ts';
import { type NewPerson, whyNoPerson } from '../users/why-no-person.ts';
import { authLog } from './auth-logger.ts';
import { type ChangesUnderWay, isChangeOfEmail } from './changes-under-way.ts';
import type { OidcProviders } from './oidc-providers.ts';
import { type PasswordHashing, passwordHashing } from './password-hashing.ts';

const RESET_LIFE_SECONDS = 30 * 60;
const VERIFICATION_LIFE_SECONDS = 24 * 3600;
/** Between the password and the code. */
const CHALLENGE_LIFE_SECONDS = 5 * 60;
/** Without a password, deleting an account or changing its address needs a sign-in as young as this. */
export const FRESH_SECONDS = 15 * 60;

export interface AuthOptionsParts {
  readonly database: Database;
  readonly dialect: Dialect;
  /** The first one signs. */
  readonly secrets: readonly { readonly version: number; readonly value: string }[];
  readonly baseUrl: string;
  readonly trustedOrigins: readonly string[];
  readonly production: boolean;
  readonly settings: IdentitySettings;
  /** Whether nobody signs in before their address is verified. */
  readonly requireVerification: boolean;
  readonly mailer: Mailer;
  readonly mails: AccountMails;
  readonly providers: OidcProviders;
  readonly underWay: ChangesUnderWay;
  /** The sign-in with an API key. */
  readonly keySignIn: BetterAuthPlugin;
  readonly logger: FastifyBaseLogger;
  /** Instead of better-auth's, so many at once as one process takes. */
  readonly passwords?: PasswordHashing | undefined;
  /** Runs after the commit of a new session, and before the sign-up or sign-in is answered. */
  readonly onSessionMade: (userId: string) => Promise<void>;
}

/** How better-auth is set up: what it may do, and what it keeps of it. */
export function authOptions(parts: AuthOptionsParts): BetterAuthOptions {
  const { database, dialect, production, settings, logger, mailer, mails, providers } = parts;
  const { requireVerification, underWay } = parts;
  return {
    appName: settings.mail.brand,
    baseURL: parts.baseUrl,
    basePath: '/api/auth',
    secrets: parts.secrets.map((secret) => ({ ...secret })),
    trustedOrigins: [...parts.trustedOrigins],
    // The one Kysely of this process: a second one on the same file would lose acknowledged writes.
    database: { db: database, type: dialect, transaction: true },
    emailAndPassword: {
      enabled: true,
      password: parts.passwords ?? passwordHashing(),
      // `whyNoPassword` has looked at new ones; old ones were made by other rules.
      minPasswordLength: 1,
      maxPasswordLength: 1024,
      requireEmailVerification: requireVerification,
      revokeSessionsOnPasswordReset: true,
      resetPasswordTokenExpiresIn: RESET_LIFE_SECONDS,
      sendResetPassword: async ({ user, token }) =>
        mailer.send(mails.resetPassword(user.email, token)),
      onPasswordReset: async ({ user }) => {
        await underWay.callOff(user.id);
        tell(user.email, 'your password was reset');
      },
      onExistingUserSignUp: async ({ user }) => mailer.send(mails.accountExists(user.email)),
    },
    emailVerification: {
      sendOnSignUp: mailer.isAvailable,
      sendOnSignIn: mailer.isAvailable,
      expiresIn: VERIFICATION_LIFE_SECONDS,
      sendVerificationEmail: async ({ user, token }) => {
        const isChange = isChangeOfEmail(token);
        if (isChange) await underWay.begin(user.id, token);
        mailer.send(
          isChange ? mails.changeEmail(user.email, token) : mails.verifyEmail(user.email, token),
        );
      },
    },
    user: {
      additionalFields: {
        suspendedAt: { type: 'date', required: false, input: false, returned: false },
      },
      changeEmail: { enabled: true },
      validateUserInfo: providers.validate,
    },
    session: {
      expiresIn: settings.sessions.absoluteHours * 3600,
      // Idleness is ours to judge, and the end of a session is never put off.
      disableSessionRefresh: true,
      freshAge: FRESH_SECONDS,
    },
    account: {
      // What a sign-in by OIDC has in flight is sealed in a cookie, and not kept.
      storeStateStrategy: 'cookie',
      accountLinking: { enabled: true, trustedProviders: [], allowDifferentEmails: false },
    },
    verification: { storeIdentifier: 'hashed' },
    advanced: {
      cookiePrefix: 'castellan',
      useSecureCookies: production,
      database: { generateId: ({ model }) => newId(model) },
      ipAddress: { ipAddressHeaders: [CLIENT_ADDRESS_HEADER] },
    },
    // Our own counts in the store, for all processes (`throttle.ts`).
    rateLimit: { enabled: false },
    telemetry: { enabled: false },
    logger: { level: 'warn', log: authLog(logger) },
    plugins: [
      organization(),
      twoFactor({
        issuer: settings.mail.brand,
        twoFactorCookieMaxAge: CHALLENGE_LIFE_SECONDS,
        trustDeviceMaxAge: settings.twoFactor.trustDeviceDays * 24 * 3600,
      }),
      providers.plugin,
      parts.keySignIn,
    ],
    databaseHooks: {
      session: {
        create: {
          async before(session, context) {
            const person = await context?.context.internalAdapter.findUserById(session.userId);
            if (!isAdmitted(person)) {
              const code: ErrorCode = 'FORBIDDEN';
              throw new APIError('FORBIDDEN', { code, message: 'This account is suspended' });
            }
          },
          after: (session) => parts.onSessionMade(session.userId),
        },
      },
      user: { create: { before: async (person) => ({ data: checked(person) }) } },
      account: {
        create: { before: async (account) => ({ data: withoutTokens(account) }) },
        update: { before: async (account) => ({ data: withoutTokens(account) }) },
      },
    },
  };

  function tell(to: string, what: string): void {
    if (mailer.isAvailable) mailer.send(mails.notice(to, what));
  }
}

function isAdmitted(person: object | null | undefined): boolean {
  return (
    person !== null && person !== undefined && (!('suspendedAt' in person) || !person.suspendedAt)
  );
}

/** What a provider lets us do in somebody's name is not used here, and so not kept. */
function withoutTokens<Data extends object>(account: Data): Data {
  const kept = { ...account };
  for (const name of ['accessToken', 'refreshToken', 'idToken'] as const) {
    if (name in kept) Object.assign(kept, { [name]: null });
  }
  return kept;
}

/** A new person as they are stored. A mistake is answered as better-auth answers its own. */
function checked<Data extends NewPerson>(person: Data): Data {
  const message = whyNoPerson(person);
  const code: ErrorCode = 'BAD_USER_INPUT';
  if (message !== null) throw new APIError('BAD_REQUEST', { code, message });
  return { ...person, name: person.name.trim() };
}
