import { CodedError, type ErrorCode, errors } from '#contract/errors.ts';

/** The codes with which this plugin refuses a request. */
export type RefusalCode = Extract<
  ErrorCode,
  | 'UNAUTHENTICATED'
  | 'FORBIDDEN'
  | 'CSRF_REJECTED'
  | 'IDENTITY_UNAVAILABLE'
  | 'NOT_FOUND'
  | 'PAYLOAD_TOO_LARGE'
  | 'UNSUPPORTED_MEDIA_TYPE'
>;

/** The body of a refusal, word for word what a GraphQL client expects of a request that did not run. */
export function refusalBody(code: RefusalCode, message: string = errors[code].message): string {
  return JSON.stringify({ errors: [{ message, extensions: { code } }] });
}

/** The configuration cannot work. `message` names the setting and never holds its value. */
export function configurationInvalid(message: string): CodedError {
  return new CodedError('CONFIGURATION_INVALID', `plugin auth: ${message}`);
}

/** Identity could not be asked: the caller may be anybody, so nobody is let in and nobody is refused for good. */
export function identityUnavailable(cause?: unknown): CodedError {
  return new CodedError('IDENTITY_UNAVAILABLE', undefined, { cause });
}
