import { identityUnavailable } from './errors.ts';

/**
 * `work`, unless it takes longer than `limitMs`; what it says later is ignored.
 * @throws CodedError IDENTITY_UNAVAILABLE (as a rejection) when the time is up
 */
export function withTimeLimit<T>(work: Promise<T>, limitMs: number): Promise<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  const timer = setTimeout(
    () => reject(identityUnavailable(new Error(`no answer in ${limitMs} ms`))),
    limitMs,
  );
  work.then(resolve, reject).finally(() => clearTimeout(timer));
  return promise;
}
