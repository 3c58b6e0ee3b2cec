import { hostname } from 'node:os';
import type { IdentityDatabase, IdentityTables } from '../database/tables.ts';

/** A first run takes seconds. After this long nobody is at it, whatever process has its number by now. */
const LIMIT_MS = 60_000;

type Row = IdentityTables['first_run'];

/** The one process that makes the first person, from the claim until that person has been told. */
export interface FirstRun {
  /** Whether an earlier run died in the middle: what it has made is known to nobody. */
  readonly takesOver: boolean;
  /** Says that the first person has been told; from then on there is no first run. */
  confirm(): Promise<void>;
}

/** Whether the one who is to be made is there already. */
export type IsThere = (database: IdentityDatabase) => Promise<boolean>;

/**
 * Claims the making of the first person; null when it `isThere`, or another process is at it.
 *
 * The claim is a row that stays until it is confirmed: a process that is killed in between leaves it behind,
 * and the next one finds it.
 */
export async function claimFirstRun(
  database: IdentityDatabase,
  now: number,
  isThere: IsThere,
): Promise<FirstRun | null> {
  const mine: Row = { id: 1, pid: process.pid, host: hostname(), started_at: now };
  const known = await database.selectFrom('first_run').selectAll().executeTakeFirst();
  if (known === undefined) {
    return (await insert(database, mine, isThere)) ? firstRun(database, mine, false) : null;
  }
  if (isAtWork(known, mine)) return null;
  return (await replace(database, known, mine)) ? firstRun(database, mine, true) : null;
}

function firstRun(database: IdentityDatabase, mine: Row, takesOver: boolean): FirstRun {
  return {
    takesOver,
    async confirm() {
      await database
        .deleteFrom('first_run')
        .where('pid', '=', mine.pid)
        .where('host', '=', mine.host)
        .where('started_at', '=', mine.started_at)
        .execute();
    },
  };
}

async function insert(database: IdentityDatabase, mine: Row, isThere: IsThere): Promise<boolean> {
  // Most starts are no first runs, and write nothing.
  if (await isThere(database)) return false;
  return database.transaction().execute(async (transaction) => {
    const claimed = await transaction
      .insertInto('first_run')
      .values(mine)
      .onConflict((conflict) => conflict.doNothing())
      .returning('id')
      .executeTakeFirst();
    if (claimed === undefined) return false;
    // Another process may have been through with its first run between the look above and the claim.
    if (!(await isThere(transaction))) return true;
    await transaction.deleteFrom('first_run').execute();
    return false;
  });
}

async function replace(database: IdentityDatabase, dead: Row, mine: Row): Promise<boolean> {
  const { numUpdatedRows } = await database
    .updateTable('first_run')
    .set(mine)
    .where('pid', '=', dead.pid)
    .where('host', '=', dead.host)
    .where('started_at', '=', dead.started_at)
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}

function isAtWork(run: Row, mine: Row): boolean {
  if (Math.abs(mine.started_at - run.started_at) > LIMIT_MS) return false;
  if (run.host !== mine.host) return true;
  // A container's processes get the same numbers again when it is started again.
  if (run.pid === mine.pid) return run.started_at >= performance.timeOrigin;
  return isAlive(run.pid);
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // EPERM: it is there, and somebody else's.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
