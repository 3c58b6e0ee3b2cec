import type { DatabaseSync } from 'node:sqlite';
import type { Kysely } from 'kysely';

/** What a database was opened from. */
export type DatabaseSource =
  | { readonly kind: 'sqlite'; readonly connection: DatabaseSync }
  | { readonly kind: 'postgres'; readonly url: string };

const sources = new WeakMap<Kysely<unknown>, DatabaseSource>();

export function rememberSource(database: Kysely<unknown>, source: DatabaseSource): void {
  sources.set(database, source);
}

/** @throws TypeError for a database that `openDatabase` did not open */
export function sourceOf(database: Kysely<unknown>): DatabaseSource {
  const source = sources.get(database);
  if (source === undefined) throw new TypeError('openDatabase did not open this database');
  return source;
}
