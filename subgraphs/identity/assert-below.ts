import { CodedError } from '#contract/errors.ts';

/**
 * Refuses one more where a setting allows no more. PostgreSQL gives counts as text.
 * @param limit the setting's path
 * @throws CodedError LIMIT_REACHED
 */
export function assertBelow(count: number | string, limit: string, max: number): void {
  if (Number(count) < max) return;
  throw new CodedError('LIMIT_REACHED', undefined, { extensions: { limit, max } });
}
