import { CodedError, type ErrorCode, errors } from '#contract/errors.ts';
import type { ForwardedResponse } from '#contract/identity.ts';

/** Why identity refused a sign-in, as an error of the graph. */
export function refusalOf(response: ForwardedResponse): CodedError {
  const { code, message, errors: list } = bodyOf(response);
  const [first]: readonly unknown[] = Array.isArray(list) ? list : [];
  // Its own refusals are GraphQL errors, those of the accounts behind it have a code and a message.
  const told = isRecord(first) ? first : { message, extensions: { code } };
  const extensions = isRecord(told.extensions) ? told.extensions : {};
  const known = extensions.code;
  if (response.status >= 500 || !isKnown(known)) return new CodedError('IDENTITY_UNAVAILABLE');
  const { code: _, ...others } = extensions;
  return new CodedError(known, typeof told.message === 'string' ? told.message : undefined, {
    extensions: others,
  });
}

/** The members of an answer of identity; none when it is no JSON object. */
export function bodyOf({ body }: ForwardedResponse): Readonly<Record<string, unknown>> {
  try {
    const parsed: unknown = JSON.parse(Buffer.from(body).toString('utf8'));
    return isRecord(parsed) ? parsed : {};
  } catch {
    // An empty answer says nothing.
    return {};
  }
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isKnown(code: unknown): code is ErrorCode {
  return typeof code === 'string' && Object.hasOwn(errors, code);
}
