import type { CodedError } from '#contract/errors.ts';

/** An error of the token routes: its code as `name`, and what it says. */
export function describeError({ code, message, statusCode }: CodedError) {
  return { status: statusCode, body: { name: code, message } };
}
