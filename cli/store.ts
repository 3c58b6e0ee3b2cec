import path from 'node:path';
import { type Database, openDatabase } from '#subgraphs/kit/index.ts';
import type { CommandIo } from './command.ts';
import { dataFolderOf } from './data-folder.ts';

/** The one open store of a process. */
export interface Store {
  readonly database: Database;
  /** Where it lies, for people: a file, or a URL without its password. */
  readonly place: string;
  close(): Promise<void>;
}

/** Opens PostgreSQL at DATABASE_URL, or the SQLite file in the data folder. @throws CodedError as `openDatabase` */
export async function openStore(io: Pick<CommandIo, 'env' | 'cwd'>): Promise<Store> {
  const file = path.join(dataFolderOf(io), 'castellan.db');
  const url = io.env.DATABASE_URL || undefined;
  const database = await openDatabase({ url, file });
  return {
    database,
    place: url === undefined ? file : withoutPassword(url),
    close: () => database.destroy(),
  };
}

function withoutPassword(url: string): string {
  const { protocol, host, pathname } = new URL(url);
  return `${protocol}//${host}${pathname}`;
}
