export type Dialect = 'sqlite' | 'postgres';

/** The store that `openDatabase` opens for this `DATABASE_URL`. */
export function dialectOf(url: string | undefined): Dialect {
  return url === undefined || url === '' ? 'sqlite' : 'postgres';
}
