import { type Attempt, emailOf, proofOf, sessionOfAttempt, textOf } from './attempt.ts';
import type { Guards } from './guards.ts';
import type { Tried } from './throttle.ts';
import {
  keysOfNetwork,
  mailsOfNetwork,
  mailsToAddress,
  networkOf,
  signUps,
} from './throttle-rules.ts';

/** One endpoint of better-auth, and what has to hold before it is asked. */
export interface ServedRoute {
  readonly method: 'GET' | 'POST';
  readonly url: `/api/auth/${string}`;
  /** What of the body, or of the query of a GET, is passed on. */
  readonly fields: readonly string[];
  /** What the body says whatever the client said. */
  readonly fixed?: Readonly<Record<string, unknown>>;
  /** A link of a mail or another site's redirect leads here; what it carries is the proof. */
  readonly isLink?: true;
  readonly needsMail?: true;
  readonly needsSession?: true;
  /** The answer comes no sooner than others: its time must not tell whether there is an account. */
  readonly isEven?: true;
  /** What was begun for the account before is called off once it is done. */
  readonly callsOff?: true;
  /** What the person is told by mail once it is done. */
  readonly notice?: string;
  /** What the try counts for. */
  readonly tried?: (attempt: Attempt) => readonly Tried[];
  /** Refuses by throwing; `pretend` has it answered as if all was well, with nothing done. */
  readonly guard?: (guards: Guards, attempt: Attempt) => Promise<'pretend' | undefined>;
}

/** What is served of `/api/auth`. Whatever better-auth and its plugins could do besides is not reachable. */
export const servedRoutes: readonly ServedRoute[] = [
  {
    method: 'POST',
    url: '/api/auth/sign-up/email',
    fields: ['name', 'email', 'password', 'image', 'rememberMe', 'callbackURL'],
    isEven: true,
    tried: ({ address, body }) => [
      { what: `sign-up:${networkOf(address)}`, rule: signUps },
      { what: `mail:${emailOf(body)}`, rule: mailsToAddress, outcome: 'take back when refused' },
    ],
    guard: (guards, { body }) => guards.signUp(emailOf(body), textOf(body, 'password')),
  },
  {
    method: 'POST',
    url: '/api/auth/sign-in/email',
    fields: ['email', 'password', 'rememberMe', 'callbackURL'],
    tried: (attempt) => proofOf(emailOf(attempt.body), attempt),
  },
  {
    method: 'POST',
    url: '/api/auth/sign-in/api-key',
    fields: ['key'],
    // On a count of its own: whoever has a key must not get tries at passwords back by it.
    tried: ({ address }) => [
      { what: `keys:${networkOf(address)}`, rule: keysOfNetwork, outcome: 'take back when right' },
    ],
  },
  { method: 'POST', url: '/api/auth/sign-out', fields: [] },
  { method: 'GET', url: '/api/auth/get-session', fields: [] },
  {
    method: 'POST',
    url: '/api/auth/send-verification-email',
    fields: ['email', 'callbackURL'],
    needsMail: true,
    isEven: true,
    tried: mailTo('email'),
  },
  {
    method: 'GET',
    url: '/api/auth/verify-email',
    fields: ['token', 'callbackURL'],
    isLink: true,
    guard: (guards, { query }) => guards.verifyEmail(query.token),
  },
  {
    method: 'POST',
    url: '/api/auth/request-password-reset',
    fields: ['email'],
    needsMail: true,
    isEven: true,
    tried: mailTo('email'),
  },
  {
    method: 'POST',
    url: '/api/auth/reset-password',
    fields: ['token', 'newPassword'],
    tried: (attempt) => proofOf(`reset:${networkOf(attempt.address)}`, attempt),
    guard: (guards, { body }) =>
      guards.resetPassword(textOf(body, 'token'), textOf(body, 'newPassword')),
  },
  {
    method: 'POST',
    url: '/api/auth/change-password',
    fields: ['currentPassword', 'newPassword'],
    fixed: { revokeOtherSessions: true },
    callsOff: true,
    notice: 'your password was changed',
    needsSession: true,
    tried: ofSession,
    guard: (guards, attempt) =>
      guards.newPassword(textOf(attempt.body, 'newPassword'), sessionOfAttempt(attempt).email),
  },
  {
    method: 'POST',
    url: '/api/auth/change-email',
    notice: 'somebody asked for your account to have another e-mail address',
    fields: ['newEmail', 'callbackURL'],
    needsMail: true,
    needsSession: true,
    isEven: true,
    tried: (attempt) => [...ofSession(attempt), ...mailTo('newEmail')(attempt)],
    guard: (guards, attempt) =>
      guards.changeEmail(
        sessionOfAttempt(attempt),
        attempt.body.password,
        emailOf(attempt.body, 'newEmail'),
      ),
  },
  secondFactor('enable', ['password'], ofSession),
  {
    ...secondFactor('disable', ['password'], ofSession),
    notice: 'the second factor of your account was taken off',
  },
  secondFactor('generate-backup-codes', ['password'], ofSession),
  {
    method: 'POST',
    url: '/api/auth/two-factor/verify-totp',
    fields: ['code', 'trustDevice'],
    tried: ofSubject,
    guard: (guards, { subject, body }) => guards.spendCode(subject, textOf(body, 'code')),
  },
  {
    method: 'POST',
    url: '/api/auth/two-factor/verify-backup-code',
    fields: ['code', 'trustDevice'],
    tried: ofSubject,
  },
  {
    method: 'POST',
    url: '/api/auth/sign-in/social',
    fields: ['provider', 'callbackURL', 'errorCallbackURL'],
    guard: (guards, { body }) => guards.provider(textOf(body, 'provider')),
  },
  {
    method: 'GET',
    url: '/api/auth/callback/:id',
    fields: ['code', 'state', 'error', 'error_description', 'iss'],
    isLink: true,
  },
];

function secondFactor(
  name: string,
  fields: readonly string[],
  tried: ServedRoute['tried'],
): ServedRoute {
  const url = `/api/auth/two-factor/${name}` as const;
  return { method: 'POST', url, fields, needsSession: true, ...(tried && { tried }) };
}

function ofSession(attempt: Attempt): readonly Tried[] {
  return proofOf(sessionOfAttempt(attempt).email, attempt);
}

function ofSubject(attempt: Attempt): readonly Tried[] {
  return proofOf(`code:${attempt.subject ?? networkOf(attempt.address)}`, attempt);
}

function mailTo(field: string) {
  return ({ body, address }: Attempt): readonly Tried[] => [
    { what: `mail:${emailOf(body, field)}`, rule: mailsToAddress },
    { what: `mails:${networkOf(address)}`, rule: mailsOfNetwork },
  ];
}
