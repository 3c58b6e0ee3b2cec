import path from 'node:path';
import type { CommandIo } from './command.ts';

/** The folder of the database file and of secrets that were not set: CASTELLAN_DATA, or `data`. */
export function dataFolderOf({ env, cwd }: Pick<CommandIo, 'env' | 'cwd'>): string {
  return path.resolve(cwd, env.CASTELLAN_DATA || 'data');
}
