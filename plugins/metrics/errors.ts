import { CodedError } from '#contract/errors.ts';

export function notFromHere(): CodedError {
  return new CodedError(
    'FORBIDDEN',
    'Metrics are for programs of this machine; the options of the metrics plugin open them',
  );
}

export function tokenNeeded(): CodedError {
  return new CodedError('UNAUTHENTICATED');
}
