import { CodedError } from '#contract/errors.ts';

/** Bad input, with the argument that it is about. */
export function invalidArgument(argument: string, message: string): CodedError {
  return new CodedError('BAD_USER_INPUT', message, { extensions: { argument } });
}
