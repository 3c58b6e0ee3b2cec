/** Whether a write failed since a unique index holds that value already: PostgreSQL's 23505, SQLite's 2067. */
export function isUniqueViolation(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if ('code' in error && error.code === '23505') return true;
  return 'errcode' in error && error.errcode === 2067;
}
