import { once } from 'node:events';
import { sql } from 'kysely';
import { openDatabase } from '#subgraphs/kit/index.ts';
import type { StoreLocation } from './stores.ts';

// A process that counts: each time it reads the number and writes the next one, in one transaction.
// It says when it is ready, and begins when it is told.
const location: StoreLocation = JSON.parse(process.env.LOCATION ?? '');
const database = await openDatabase(location);
const lock = location.dialect === 'postgres' ? sql`for update` : sql``;
process.stdout.write('ready');
await once(process.stdin, 'data');
for (let count = 0; count < 100; count += 1) {
  await database.transaction().execute(async (transaction) => {
    const read = sql<{ value: number }>`select value from counter ${lock}`;
    const [row] = (await read.execute(transaction)).rows;
    await sql`update counter set value = ${(row?.value ?? 0) + 1}`.execute(transaction);
  });
}
await database.destroy();
process.stdin.destroy();
