import { type BetterAuthOptions, betterAuth } from 'better-auth';
import { codedOverload } from './password-hashing.ts';

/** A code of an authenticator app is good for at most this long, with the periods around it. */
const TOTP_LIFE_MS = 120_000;

/** Accounts, passwords and sessions: what better-auth does for us, and no more of it than we use. */
export interface AuthServer {
  handle(request: Request): Promise<Response>;
  /** Makes an account whose address counts as verified, whatever the sign-up policy is; answers its id. */
  signUp(person: Person): Promise<string>;
  /**
   * Gives the account with this address the name and password, and takes everything else away that opened it:
   * sessions, second factor, providers. Answers its id, null when there is no such account.
   */
  recover(person: Person): Promise<string | null>;
  /**
   * Whether this is the password of the account; `none` when it has none. It takes as long for each.
   * @throws CodedError OVERLOADED while too many passwords are hashed
   */
  checkPassword(userId: string, password: string): Promise<'right' | 'wrong' | 'none'>;
  /** Takes as long as hashing a password, for an answer whose time must not tell. @throws CodedError OVERLOADED */
  spendHash(password: string): Promise<void>;
  /** Whose password a reset token is for; null when the token is none. */
  emailOfReset(token: string): Promise<string | null>;
  /** Who has given a password and not yet a code. `challenge` is the value of the cookie, unverified. */
  subjectOfChallenge(challenge: string): Promise<string | null>;
  /** Uses up a code of an authenticator app; false when it has been used (RFC 6238 §5.2). */
  spendCode(userId: string, code: string): Promise<boolean>;
  /** The issuer that was discovered for a provider; undefined before that. */
  issuerOf(providerId: string): Promise<string | undefined>;
}

export interface Person {
  readonly name: string;
  readonly email: string;
  readonly password: string;
}

export function createAuthServer(options: BetterAuthOptions): AuthServer {
  const auth = betterAuth(options);
  const context = async () => {
    const { password, ...others } = await auth.$context;
    const fail = (error: unknown): never => {
      throw codedOverload(error);
    };
    return {
      ...others,
      password: {
        hash: (text: string) => password.hash(text).catch(fail),
        verify: (data: { hash: string; password: string }) => password.verify(data).catch(fail),
      },
    };
  };
  return {
    handle: (request) => auth.handler(request),
    async signUp({ name, email, password }) {
      const { adapter, password: passwords } = await context();
      const hash = await passwords.hash(password);
      const times = { createdAt: new Date(), updatedAt: new Date() };
      // Past better-auth's own gates, which are for those who come over the network.
      const { id } = await adapter.create<{ id: string }>({
        model: 'user',
        data: { name, email: email.toLowerCase(), emailVerified: true, ...times } as never,
      });
      const account = { userId: id, providerId: 'credential', accountId: id, password: hash };
      await adapter.create({ model: 'account', data: { ...account, ...times } });
      return id;
    },
    async recover({ name, email, password }) {
      const { internalAdapter, adapter, password: passwords } = await context();
      const found = await internalAdapter.findUserByEmail(email.toLowerCase(), {
        includeAccounts: true,
      });
      if (found === null) return null;
      const { id } = found.user;
      for (const account of found.accounts) {
        if (account.providerId !== 'credential') await internalAdapter.deleteAccount(account.id);
      }
      const hash = await passwords.hash(password);
      if (found.accounts.some(({ providerId }) => providerId === 'credential')) {
        await internalAdapter.updatePassword(id, hash);
      } else {
        await internalAdapter.linkAccount({
          userId: id,
          providerId: 'credential',
          accountId: id,
          password: hash,
        });
      }
      await adapter.deleteMany({ model: 'twoFactor', where: [{ field: 'userId', value: id }] });
      await adapter.deleteMany({ model: 'verification', where: [{ field: 'value', value: id }] });
      await internalAdapter.updateUser(id, {
        name,
        emailVerified: true,
        twoFactorEnabled: false,
        suspendedAt: null,
      });
      await internalAdapter.deleteUserSessions(id);
      return id;
    },
    async checkPassword(userId, password) {
      const { internalAdapter, password: passwords } = await context();
      const account = await internalAdapter.findCredentialAccount(userId);
      if (!account?.password) {
        await passwords.hash(password);
        return 'none';
      }
      const isRight = await passwords.verify({ hash: account.password, password });
      return isRight ? 'right' : 'wrong';
    },
    async spendHash(password) {
      await (await context()).password.hash(password);
    },
    async emailOfReset(token) {
      const { internalAdapter } = await context();
      const found = await internalAdapter.findVerificationValue(`reset-password:${token}`);
      const user = found && (await internalAdapter.findUserById(found.value));
      return user ? user.email : null;
    },
    async subjectOfChallenge(challenge) {
      const { internalAdapter } = await context();
      const [identifier = ''] = challenge.split('.');
      if (!identifier.startsWith('2fa-')) return null;
      return (await internalAdapter.findVerificationValue(identifier))?.value ?? null;
    },
    async spendCode(userId, code) {
      const { internalAdapter } = await context();
      return internalAdapter.reserveVerificationValue({
        identifier: `totp-used:${userId}:${code}`,
        value: 'used',
        expiresAt: new Date(Date.now() + TOTP_LIFE_MS),
      });
    },
    async issuerOf(providerId) {
      const { socialProviders } = await context();
      return socialProviders.find(({ id }) => id === providerId)?.issuer;
    },
  };
}
