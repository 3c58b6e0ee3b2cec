import type { BetterAuthOptions } from 'better-auth';
import type { FastifyBaseLogger } from 'fastify';
import type { Clock } from '#contract/clock.ts';
import { CodedError } from '#contract/errors.ts';
import type { Database, Dialect } from '#subgraphs/kit/index.ts';
import type { PepperRing } from '../api-keys/pepper-ring.ts';
import { type IdentityDatabase, identityDatabase } from '../database/tables.ts';
import type { IdentityEvents } from '../log/identity-events.ts';
import { accountMails } from '../mail/account-mails.ts';
import type { Mailer } from '../mail/mailer.ts';
import { openMailer } from '../mail/open-mailer.ts';
import { ensurePersonalOrganization } from '../organizations/personal-organization.ts';
import type { IdentitySettings } from '../settings.ts';
import type { AssertItIsThem } from '../users/account-resolvers.ts';
import { maySignUp } from '../users/sign-up-policy.ts';
import { proofOf } from './attempt.ts';
import { authOptions } from './auth-options.ts';
import type { AuthRoutesOptions } from './auth-routes.ts';
import { type AuthServer, createAuthServer } from './auth-server.ts';
import { createChangesUnderWay } from './changes-under-way.ts';
import { clearSessions } from './clear-sessions.ts';
import { assertItIsThem, createGuards } from './guards.ts';
import type { KeyHolders } from './key-holders.ts';
import { keySignIn } from './key-sign-in.ts';
import { type SessionLife, sessionLife } from './live-session.ts';
import { oidcProviders } from './oidc-providers.ts';
import type { PasswordHashing } from './password-hashing.ts';
import { createSessionActivity, type SessionActivity } from './session-activity.ts';
import { createThrottle } from './throttle.ts';

export interface SignInOptions {
  readonly database: Database;
  readonly dialect: Dialect;
  readonly clock: Clock;
  readonly peppers: PepperRing;
  readonly baseUrl: string;
  readonly trustedOrigins: readonly string[];
  readonly production: boolean;
  readonly settings: IdentitySettings;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly secret: string | undefined;
  /** Instead of the one that the environment names. */
  readonly mailer?: Mailer | undefined;
  /** Instead of scrypt as better-auth does it. */
  readonly passwords?: PasswordHashing | undefined;
  readonly keyHolders: KeyHolders;
  readonly logger: FastifyBaseLogger;
}

/** What is known of sign-ins before the store is migrated. */
export interface PreparedSignIn {
  /** The tables that better-auth needs follow from it. */
  readonly betterAuthOptions: BetterAuthOptions;
  readonly mailer: Mailer;
  /** Begins, on a store that is migrated. */
  start(events: IdentityEvents): SignIn;
}

/** Everything by which people come in. */
export interface SignIn {
  readonly auth: AuthServer;
  readonly secrets: readonly [string, ...string[]];
  readonly life: SessionLife;
  readonly activity: SessionActivity;
  readonly assertItIsThem: AssertItIsThem;
  readonly routes: AuthRoutesOptions;
  /** Delivers and notes what is under way. */
  close(): Promise<void>;
}

/**
 * Reads the settings of sign-up, sign-in, mail and providers.
 * @throws CodedError CONFIGURATION_INVALID when they cannot hold together, such as verification without mail
 */
export function prepareSignIn(options: SignInOptions): PreparedSignIn {
  const { dialect, clock, peppers, production, settings, environment, secret, logger } = options;
  const database: IdentityDatabase = identityDatabase(options.database);
  const baseUrl = publicUrlOf(environment) ?? options.baseUrl;
  const trustedOrigins = [...options.trustedOrigins, ...settings.sessions.trustedOrigins];
  const { requireTls } = settings.mail;
  const mailer = options.mailer ?? openMailer({ environment, production, requireTls, logger });
  const policy = settings.signUp.policy ?? (production ? 'closed' : 'open');
  const wantsVerification = settings.signUp.verifyEmail ?? production;
  if (wantsVerification && policy !== 'closed' && !mailer.isAvailable) {
    throw new CodedError(
      'CONFIGURATION_INVALID',
      'Addresses of new accounts cannot be verified: set CASTELLAN_SMTP_URL and CASTELLAN_MAIL_FROM, or signUp.verifyEmail to false',
    );
  }
  // Where nobody signs up and no mail is sent there are only the accounts that this deployment made itself.
  const requireVerification = wantsVerification && mailer.isAvailable;
  const maySignUpNow = (email: string) => maySignUp(database, policy, email, clock.now());
  const providers = oidcProviders({
    providers: settings.oidc.providers,
    environment,
    database,
    maySignUp: maySignUpNow,
  });
  const mails = accountMails(settings, baseUrl);
  const life = sessionLife(settings);
  const derived = peppers.derive('castellan session');
  const [signing, ...reading] = derived.map(({ value }) => value);
  const secrets = [signing ?? '', ...reading] as const;
  const underWay = createChangesUnderWay(database);
  const betterAuthOptions = authOptions({
    database: options.database,
    dialect,
    secrets: derived,
    baseUrl,
    trustedOrigins,
    production,
    settings,
    requireVerification,
    mailer,
    mails,
    providers,
    underWay,
    keySignIn: keySignIn(options.keyHolders),
    passwords: options.passwords,
    logger,
    async onSessionMade(userId) {
      await ensurePersonalOrganization(database, userId, clock.now());
      await clearSessions(database, userId, life, clock.now());
    },
  });

  return {
    betterAuthOptions,
    mailer,
    start(events) {
      const auth = createAuthServer(betterAuthOptions);
      const throttle = createThrottle({ database, dialect, clock, secret: secrets[0] });
      const activity = createSessionActivity(database, logger);
      const guards = createGuards({
        auth,
        clock,
        settings,
        maySignUp: maySignUpNow,
        requireVerification,
        isClosed: policy === 'closed',
        providers,
        underWay,
      });
      return {
        auth,
        secrets,
        life,
        activity,
        async assertItIsThem({ subject, credentialId }, password, address) {
          const session = await database
            .selectFrom('session')
            .innerJoin('user', 'user.id', 'session.userId')
            .select(['session.createdAt', 'session.opened_by_key', 'user.email'])
            .where('session.id', '=', credentialId)
            .where('session.userId', '=', subject)
            .executeTakeFirst();
          if (session === undefined) throw new CodedError('UNAUTHENTICATED');
          const attempt = { address: address ?? '', deviceOf: () => null };
          const tried = proofOf(session.email, attempt);
          await throttle.begin(tried);
          const createdAt = new Date(session.createdAt).getTime();
          const isOfKey = session.opened_by_key !== null;
          await assertItIsThem({ auth, clock }, { userId: subject, createdAt, isOfKey }, password);
          await throttle.end(tried, true);
        },
        routes: {
          auth,
          guards,
          throttle,
          providers,
          underWay,
          mailer,
          mails,
          database,
          clock,
          events,
          life,
          activity,
          secrets,
          baseUrl,
          trustedOrigins,
          production,
          requireVerification,
          trustsDevices: settings.twoFactor.trustDeviceDays > 0,
          secret,
        },
        async close() {
          await activity.idle();
          await mailer.close();
        },
      };
    },
  };
}

/** Where people reach this service, when that is not where it listens. */
function publicUrlOf({ CASTELLAN_PUBLIC_URL: text }: SignInOptions['environment']): string | null {
  if (!text) return null;
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url !== null && /^https?:$/.test(url.protocol) && url.pathname === '/' && !url.search) {
    return url.origin;
  }
  throw new CodedError(
    'CONFIGURATION_INVALID',
    'CASTELLAN_PUBLIC_URL must be an http(s) URL without a path',
  );
}
