import { CodedError } from '#contract/errors.ts';
import type { LiveSession } from './live-session.ts';
import type { Tried } from './throttle.ts';
import { networkOf, proofs, proofsOfNetwork } from './throttle-rules.ts';

/** A request to `/api/auth` that came through the door, and has changed nothing yet. */
export interface Attempt {
  readonly body: Readonly<Record<string, unknown>>;
  readonly query: Readonly<Record<string, unknown>>;
  /** The session that it shows, if that holds. */
  readonly session: LiveSession | null;
  readonly address: string;
  /** The name of the browser, where the account with this address has been opened in it before; otherwise null. */
  readonly deviceOf: (email: string) => string | null;
  /** Whose second factor is asked for: of the session, or of the sign-in that waits for it. */
  readonly subject: string | null;
}

/** The address in a body, as accounts have it; empty when it is none. */
export function emailOf(body: Attempt['body'], field = 'email'): string {
  const email = body[field];
  return typeof email === 'string' && email.length <= 320 ? email.trim().toLowerCase() : '';
}

export function textOf(body: Attempt['body'], field: string): string {
  const text = body[field];
  if (typeof text === 'string') return text;
  throw new CodedError('BAD_USER_INPUT', `"${field}" must be a text`, {
    extensions: { argument: field },
  });
}

/** What a try to prove who one is counts for: the account as this browser knows it, and the network. */
export function proofOf(
  account: string,
  { address, deviceOf }: Pick<Attempt, 'address' | 'deviceOf'>,
): readonly Tried[] {
  const device = deviceOf(account);
  const what = device === null ? `proof:${account}` : `device:${device}`;
  return [
    { what, rule: proofs, outcome: 'forget when right' },
    { what: `proofs:${networkOf(address)}`, rule: proofsOfNetwork },
  ];
}

/** The session of an attempt. @throws CodedError UNAUTHENTICATED when it shows none that holds */
export function sessionOfAttempt({ session }: Attempt): LiveSession {
  if (session === null) throw new CodedError('UNAUTHENTICATED');
  return session;
}
