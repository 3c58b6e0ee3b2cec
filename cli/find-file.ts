import { existsSync } from 'node:fs';
import path from 'node:path';
import type { CommandIo } from './command.ts';

/** A file that a user named: from the folder of the process, or from where they typed `npm run …`. */
export function findFile(name: string, { cwd, env }: Pick<CommandIo, 'cwd' | 'env'>): string {
  const here = path.resolve(cwd, name);
  const typedAt = env.INIT_CWD;
  if (existsSync(here) || typedAt === undefined) return here;
  const there = path.resolve(typedAt, name);
  return existsSync(there) ? there : here;
}
