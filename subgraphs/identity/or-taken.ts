import { CodedError } from '#contract/errors.ts';

/**
 * Does a write, and names the argument when a unique index refuses it.
 * @throws CodedError NAME_TAKEN
 */
export async function orTaken<T>(argument: string, write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (error) {
    if (!isTaken(error)) throw error;
    throw new CodedError('NAME_TAKEN', undefined, { extensions: { argument } });
  }
}

/** PostgreSQL's unique_violation (23505), SQLite's SQLITE_CONSTRAINT_UNIQUE (2067). */
function isTaken(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if ('code' in error && error.code === '23505') return true;
  return 'errcode' in error && error.errcode === 2067;
}
