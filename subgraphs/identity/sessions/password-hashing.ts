import { APIError } from 'better-auth/api';
import { hashPassword, verifyPassword } from 'better-auth/crypto';
import { CodedError, type ErrorCode } from '#contract/errors.ts';
import { type BoundedWork, createBoundedWork } from '../bounded-work.ts';

/** As better-auth calls it. */
export interface PasswordHashing {
  hash(password: string): Promise<string>;
  verify(data: { hash: string; password: string }): Promise<boolean>;
}

/** A hash takes 32 MB and a thread for some 50 ms, and anybody may ask for one: node has four threads for all. */
const BOUNDS = { atOnce: 3, waiting: 60 };

const OVERLOADED: ErrorCode = 'OVERLOADED';

/**
 * scrypt as better-auth does it, but only so many at once. What is too much is answered as better-auth answers its
 * own refusals, with 503 OVERLOADED, whoever's password it is.
 */
export function passwordHashing(work: BoundedWork = createBoundedWork(BOUNDS)): PasswordHashing {
  const run = <T>(hashing: () => Promise<T>) => work.run(hashing).catch(refuse);
  return {
    hash: (password) => run(() => hashPassword(password)),
    verify: (data) => run(() => verifyPassword(data)),
  };
}

/** The error of a hash that was too much, in our own words, for whoever is not better-auth. */
export function codedOverload(error: unknown): unknown {
  if (error instanceof APIError && error.body?.code === OVERLOADED) {
    return new CodedError(OVERLOADED);
  }
  return error;
}

function refuse(error: unknown): never {
  if (!(error instanceof CodedError) || error.code !== OVERLOADED) throw error;
  throw new APIError('SERVICE_UNAVAILABLE', { code: error.code, message: error.message });
}
