import type { IdentitySettings } from '../settings.ts';
import type { Mail } from './mailer.ts';

/** The words of the mails about somebody's own account. */
export interface AccountMails {
  verifyEmail(to: string, token: string): Mail;
  /** To the owner of an address with which somebody signs up again: the answer to them says nothing of it. */
  accountExists(to: string): Mail;
  resetPassword(to: string, token: string): Mail;
  changeEmail(to: string, token: string): Mail;
  /** Tells of what has happened, or is about to, so that whose account it is can object. */
  notice(to: string, what: string): Mail;
}

/** Links are made of settings alone: nothing that a request says comes into a mail. */
export function accountMails({ mail }: IdentitySettings, baseUrl: string): AccountMails {
  const { brand, verifyEmailUrl, resetPasswordUrl } = mail;
  const own = new URL('/api/auth/verify-email', baseUrl).href;
  const verify = (token: string) => withToken(verifyEmailUrl ?? own, token);
  const ignore = 'If it was not you, do nothing: without this link nothing happens.';
  return {
    verifyEmail: (to, token) => ({
      to,
      kind: 'verify-email',
      subject: `${brand}: confirm your e-mail address`,
      text: `Confirm that this address is yours:\n\n${verify(token)}\n\n${ignore}\n`,
    }),
    accountExists: (to) => ({
      to,
      kind: 'account-exists',
      subject: `${brand}: you have an account already`,
      text: `Somebody, probably you, wanted to make an account with this address. There is one already: sign in with it, or have its password reset.\n\nIf it was not you, there is nothing to do.\n`,
    }),
    resetPassword: (to, token) => ({
      to,
      kind: 'reset-password',
      subject: `${brand}: a new password`,
      text:
        resetPasswordUrl === undefined
          ? `Send this token with a new password to ${new URL('/api/auth/reset-password', baseUrl).href}:\n\n${token}\n\n${ignore}\n`
          : `Choose a new password:\n\n${withToken(resetPasswordUrl, token)}\n\n${ignore}\n`,
    }),
    changeEmail: (to, token) => ({
      to,
      kind: 'change-email',
      subject: `${brand}: confirm your new e-mail address`,
      text: `Confirm that your account is to have this address:\n\n${verify(token)}\n\n${ignore}\n`,
    }),
    notice: (to, what) => ({
      to,
      kind: 'security-notice',
      subject: `${brand}: ${what}`,
      text: `${what}.\n\nIf it was not you, have the password of your account reset, and end its other sessions.\n`,
    }),
  };
}

function withToken(page: string, token: string): string {
  const url = new URL(page);
  url.searchParams.set('token', token);
  return url.href;
}
