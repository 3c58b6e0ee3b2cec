import { CodedError } from '../errors.ts';

/** The error for permissions that are more than the bounds allow: they are refused whole, never cut short. */
export function tooComplex(): CodedError {
  return new CodedError('PERMISSIONS_TOO_COMPLEX');
}
