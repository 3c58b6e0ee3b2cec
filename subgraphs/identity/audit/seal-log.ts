import { sql } from 'kysely';
import type { Clock } from '#contract/clock.ts';
import type { Dialect } from '#subgraphs/kit/index.ts';
import type { IdentityDatabase, IdentityTransaction } from '../database/tables.ts';
import { CHAIN_START, chainHash } from './chain-hash.ts';
import type { Checkpoint, CheckpointKeys } from './checkpoint-keys.ts';

const PAGE = 500;
/** One process at a time goes on with the chain. */
const SEAL_LOCK = 716_502_043;

export interface SealOptions {
  readonly database: IdentityDatabase;
  readonly dialect: Dialect;
  readonly clock: Clock;
  readonly keys: CheckpointKeys;
}

/**
 * Chains the rows of the log that are not chained yet, and signs a checkpoint at the last of them.
 *
 * Several processes may do it at once; each row is chained once.
 * @returns the checkpoint, null when there was nothing new
 */
export async function sealLog(options: SealOptions): Promise<Checkpoint | null> {
  let checkpoint: Checkpoint | null = null;
  for (let more = true; more; ) {
    const page = await sealPage(options);
    more = page.more;
    checkpoint = page.checkpoint ?? checkpoint;
  }
  return checkpoint;
}

async function sealPage({ database, dialect, clock, keys }: SealOptions): Promise<{
  readonly more: boolean;
  readonly checkpoint: Checkpoint | null;
}> {
  return database.transaction().execute(async (transaction) => {
    if (dialect === 'postgres') {
      await sql`select pg_advisory_xact_lock(${SEAL_LOCK}, 'audit_chain'::regclass::oid::int4)`.execute(
        transaction,
      );
    }
    const last = await lastOf(transaction);
    const rows = await transaction
      .selectFrom('identity_log')
      .selectAll()
      .where('sequence', '>', last.sequence)
      .orderBy('sequence')
      .limit(PAGE)
      .execute();
    let { hash } = last;
    const chained = rows.map((row) => {
      hash = chainHash(hash, row);
      return { sequence: row.sequence, hash };
    });
    const newest = chained.at(-1);
    if (newest === undefined) return { more: false, checkpoint: null };
    await transaction.insertInto('audit_chain').values(chained).execute();
    const checkpoint = { ...newest, at: clock.now() };
    const { keyId, signature } = keys.sign(checkpoint);
    await transaction
      .insertInto('audit_checkpoint')
      .values({ ...checkpoint, key_id: keyId, signature })
      .execute();
    return { more: rows.length === PAGE, checkpoint };
  });
}

async function lastOf(
  transaction: IdentityTransaction,
): Promise<{ readonly sequence: number; readonly hash: string }> {
  const row = await transaction
    .selectFrom('audit_chain')
    .selectAll()
    .orderBy('sequence', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row ?? { sequence: 0, hash: CHAIN_START };
}
