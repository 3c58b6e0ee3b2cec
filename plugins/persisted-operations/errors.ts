import { CodedError } from '#contract/errors.ts';

/** Clients know this message by heart: they send the whole document next (Apollo's APQ protocol). */
export function notFound(): CodedError {
  return new CodedError('PERSISTED_QUERY_NOT_FOUND');
}

/** Clients know this one too: they stop asking by hash. */
export function notSupported(): CodedError {
  return new CodedError('PERSISTED_QUERY_NOT_SUPPORTED');
}

export function mismatch(): CodedError {
  return new CodedError('PERSISTED_QUERY_MISMATCH');
}

export function notTrusted(): CodedError {
  return new CodedError('OPERATION_NOT_TRUSTED');
}

export function malformed(message: string): CodedError {
  return new CodedError('BAD_REQUEST', message);
}

/** The options cannot work, or the manifest is not one. */
export function configurationInvalid(message: string, cause?: unknown): CodedError {
  return new CodedError('CONFIGURATION_INVALID', `plugin persisted-operations: ${message}`, {
    cause,
  });
}
