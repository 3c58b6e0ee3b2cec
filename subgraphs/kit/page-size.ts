import { CodedError } from '#contract/errors.ts';

const MAX_PAGE_SIZE = 100;

/**
 * How many items a page may hold.
 * @throws CodedError BAD_USER_INPUT when it is not from 1 to 100
 */
export function readPageSize(first: number | null | undefined, fallback: number): number {
  const size = first ?? fallback;
  if (Number.isInteger(size) && size >= 1 && size <= MAX_PAGE_SIZE) return size;
  throw new CodedError('BAD_USER_INPUT', `"first" must be from 1 to ${MAX_PAGE_SIZE}`, {
    extensions: { argument: 'first' },
  });
}
