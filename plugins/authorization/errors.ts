import type { Caller } from '#contract/caller.ts';
import { CodedError, type ErrorCode, errors } from '#contract/errors.ts';
import type { AnswerError } from '#gateway/plugin.ts';

/** A directive of the supergraph that cannot be followed. */
export function invalidDirective(coordinate: string, reason: string): CodedError {
  return new CodedError('SUPERGRAPH_INVALID', `${coordinate}: ${reason}`);
}

export function noPolicy(name: string): CodedError {
  const message = `plugin authorization: policies.${name} is not a function`;
  return new CodedError('CONFIGURATION_INVALID', message);
}

/** What a caller is refused with: that they are nobody yet, or that they may not. */
export function codeFor({ kind }: Caller): Extract<ErrorCode, 'UNAUTHENTICATED' | 'FORBIDDEN'> {
  return kind === 'anonymous' ? 'UNAUTHENTICATED' : 'FORBIDDEN';
}

/** What a client is told of a denied field. */
export function denialOf(caller: Caller, coordinate: string, missing: string): AnswerError {
  const code = codeFor(caller);
  return {
    message: errors[code].message,
    extensions: { authorization: { coordinate, missing }, code },
  };
}
