import type { Clock } from '#contract/clock.ts';
import { CodedError } from '#contract/errors.ts';
import type { IdentitySettings } from '../settings.ts';
import { whyNoPassword } from '../users/why-no-password.ts';
import { FRESH_SECONDS } from './auth-options.ts';
import type { AuthServer } from './auth-server.ts';
import type { ChangesUnderWay } from './changes-under-way.ts';
import type { LiveSession } from './live-session.ts';
import type { OidcProviders } from './oidc-providers.ts';

type Guarded = Promise<'pretend' | undefined>;

/** What has to hold before better-auth is asked. Each throws a CodedError when it does not. */
export interface Guards {
  signUp(email: string, password: string): Guarded;
  newPassword(password: string, email: string | null): Guarded;
  resetPassword(token: string, password: string): Guarded;
  changeEmail(session: LiveSession, password: unknown, newEmail: string): Guarded;
  /** @throws CodedError UNAUTHENTICATED when the code has been used before */
  spendCode(subject: string | null, code: string): Guarded;
  /** @throws CodedError UNAUTHENTICATED for a new address that was called off */
  verifyEmail(token: unknown): Guarded;
  provider(id: string): Guarded;
}

export interface GuardsOptions {
  readonly auth: AuthServer;
  readonly clock: Clock;
  readonly settings: IdentitySettings;
  readonly maySignUp: (email: string) => Promise<boolean>;
  readonly requireVerification: boolean;
  readonly isClosed: boolean;
  readonly providers: OidcProviders;
  readonly underWay: ChangesUnderWay;
}

export function createGuards(options: GuardsOptions): Guards {
  const { auth, settings, maySignUp, requireVerification, isClosed, providers } = options;

  const newPassword: Guards['newPassword'] = async (password, email) => {
    const { minLength } = settings.passwords;
    const message = whyNoPassword(password, { minLength, email, brand: settings.mail.brand });
    if (message !== null) throw badPassword(message);
    return undefined;
  };

  return {
    newPassword,
    async signUp(email, password) {
      if (isClosed) throw new CodedError('FORBIDDEN', 'Nobody can sign up here');
      await newPassword(password, email);
      if (await maySignUp(email)) return undefined;
      // Whoever has no invitation is answered like everybody else, where an answer need not open anything.
      if (!requireVerification) throw new CodedError('FORBIDDEN', 'Signing up needs an invitation');
      await auth.spendHash(password);
      return 'pretend';
    },
    async resetPassword(token, password) {
      return newPassword(password, await auth.emailOfReset(token));
    },
    async changeEmail(session, password, newEmail) {
      await assertItIsThem(options, session, password);
      if (Buffer.byteLength(newEmail) > 254) {
        throw new CodedError('BAD_USER_INPUT', 'The e-mail address must have at most 254 bytes');
      }
      return undefined;
    },
    async spendCode(subject, code) {
      if (subject === null || !/^\d{6}$/.test(code)) return undefined;
      if (await auth.spendCode(subject, code)) return undefined;
      throw new CodedError('UNAUTHENTICATED', 'This code has been used; wait for the next one');
    },
    async verifyEmail(token) {
      if (typeof token !== 'string' || (await options.underWay.mayFinish(token))) return undefined;
      throw new CodedError('UNAUTHENTICATED', 'This link holds no more; ask for another one');
    },
    async provider(id) {
      if (providers.issuerOf(id) === undefined) throw new CodedError('NOT_FOUND');
      return undefined;
    },
  };
}

/**
 * Whether it is them, and not somebody who found their session: by the password, or, where the account has none, by
 * a sign-in that is young.
 * @throws CodedError FORBIDDEN when it is not certain
 */
export async function assertItIsThem(
  { auth, clock }: Pick<GuardsOptions, 'auth' | 'clock'>,
  { userId, createdAt, isOfKey }: Pick<LiveSession, 'userId' | 'createdAt' | 'isOfKey'>,
  password: unknown,
): Promise<void> {
  const given = typeof password === 'string' && password.length <= 1024 ? password : '';
  const found = await auth.checkPassword(userId, given);
  if (found === 'right') return;
  if (found === 'wrong') throw new CodedError('FORBIDDEN', 'The password is not right');
  // Whoever found a key signs in as often as they like.
  if (!isOfKey && clock.now() - createdAt < FRESH_SECONDS * 1_000) return;
  throw new CodedError('FORBIDDEN', 'Sign in again first');
}

function badPassword(message: string): CodedError {
  return new CodedError('BAD_USER_INPUT', message, { extensions: { argument: 'password' } });
}
