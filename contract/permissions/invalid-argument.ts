import { CodedError } from '../errors.ts';

/** The error for a mistake in what somebody sent; `path` says where, as in `grants[2].where.title_gt`. */
export function invalidArgument(path: string, mistake: string): CodedError {
  return new CodedError('BAD_USER_INPUT', `${path}: ${mistake}`, {
    extensions: { argument: path },
  });
}
