import type { IdentityDatabase } from '../database/tables.ts';
import type { LogRow } from '../log/identity-log.ts';
import { CHAIN_START, chainHash } from './chain-hash.ts';
import type { Checkpoint, CheckpointKeys } from './checkpoint-keys.ts';

const PAGE = 1_000;
/** A log that was rewritten is wrong in every row: the first ones say enough. */
const MAX_FINDINGS = 20;

/** Something that is not as it was when it was sealed. */
export interface Finding {
  readonly sequence: number;
  readonly what:
    | 'changed'
    | 'deleted'
    | 'inserted'
    | 'wrong-checkpoint'
    | 'unknown-key'
    | 'no-checkpoint'
    | 'cut-off';
}

export interface Verification {
  readonly rows: number;
  readonly checkpoints: number;
  /** Rows at the end that are not sealed yet. */
  readonly unsealed: number;
  /** The last checkpoint that holds. */
  readonly last: Checkpoint | null;
  /** In order, at most twenty. */
  readonly findings: readonly Finding[];
}

/** A checkpoint that was kept elsewhere, such as in the logs of the process. */
export type KeptCheckpoint = Pick<Checkpoint, 'sequence' | 'hash'>;

/**
 * Holds the whole log against its chain and the signed checkpoints, and these against what was kept elsewhere.
 *
 * It reads in pages and writes nothing. Rows that came while it ran may count as not sealed.
 */
export async function verifyLog(
  database: IdentityDatabase,
  keys: CheckpointKeys,
  kept?: KeptCheckpoint,
): Promise<Verification> {
  const findings: Finding[] = [];
  const find = (sequence: number, what: Finding['what']) => {
    if (findings.length < MAX_FINDINGS) findings.push({ sequence, what });
  };
  const sealed = await lastSequence(database);
  let previous = CHAIN_START;
  let [rows, checkpoints, unsealed] = [0, 0, 0];
  let last: Checkpoint | null = null;
  let isKeptSeen = kept === undefined;

  for (let after = 0, more = true; more; ) {
    const page = await readPage(database, after);
    more = page.length === PAGE;
    for (const { row, sequence, hash, checkpoint } of page) {
      after = sequence;
      if (row !== null) rows += 1;
      if (hash === null) {
        if (row === null) find(sequence, 'deleted');
        else if (sequence > sealed) unsealed += 1;
        else find(sequence, 'inserted');
        continue;
      }
      if (row === null) find(sequence, 'deleted');
      else if (chainHash(previous, row) !== hash) find(sequence, 'changed');
      // From here on against what was sealed, so that one change is one finding.
      previous = hash;
      if (kept?.sequence === sequence && kept.hash === hash) isKeptSeen = true;
      if (checkpoint === null) continue;
      checkpoints += 1;
      const holds = keys.verify(checkpoint, checkpoint.keyId, checkpoint.signature);
      if (holds === null) find(sequence, 'unknown-key');
      else if (!holds || checkpoint.hash !== hash) find(sequence, 'wrong-checkpoint');
      else last = { sequence, hash, at: checkpoint.at };
    }
  }
  // Whatever follows the last signature could have been chained by anybody who can write into the database.
  if (sealed > (last?.sequence ?? 0)) find(sealed, 'no-checkpoint');
  if (!isKeptSeen) find(kept?.sequence ?? 0, 'cut-off');
  return { rows, checkpoints, unsealed, last, findings };
}

interface Line {
  readonly sequence: number;
  readonly row: LogRow | null;
  readonly hash: string | null;
  readonly checkpoint: (Checkpoint & { readonly keyId: string; readonly signature: string }) | null;
}

/** The next sequences that are in the log, the chain or a checkpoint, with what each of them has. */
async function readPage(database: IdentityDatabase, after: number): Promise<readonly Line[]> {
  const numbers = await database
    .selectFrom('identity_log')
    .select('sequence')
    .where('sequence', '>', after)
    .union(database.selectFrom('audit_chain').select('sequence').where('sequence', '>', after))
    .union(database.selectFrom('audit_checkpoint').select('sequence').where('sequence', '>', after))
    .orderBy('sequence')
    .limit(PAGE)
    .execute();
  const [first, last] = [numbers.at(0)?.sequence, numbers.at(-1)?.sequence];
  if (first === undefined || last === undefined) return [];
  const within = <T extends { readonly sequence: number }>(found: readonly T[]) =>
    new Map(found.map((each) => [each.sequence, each]));
  const rows = within(
    await database
      .selectFrom('identity_log')
      .selectAll()
      .where('sequence', '>=', first)
      .where('sequence', '<=', last)
      .execute(),
  );
  const chain = within(
    await database
      .selectFrom('audit_chain')
      .selectAll()
      .where('sequence', '>=', first)
      .where('sequence', '<=', last)
      .execute(),
  );
  const checkpoints = within(
    await database
      .selectFrom('audit_checkpoint')
      .select(['sequence', 'hash', 'at', 'key_id as keyId', 'signature'])
      .where('sequence', '>=', first)
      .where('sequence', '<=', last)
      .execute(),
  );
  return numbers.map(({ sequence }) => ({
    sequence,
    row: rows.get(sequence) ?? null,
    hash: chain.get(sequence)?.hash ?? null,
    checkpoint: checkpoints.get(sequence) ?? null,
  }));
}

async function lastSequence(database: IdentityDatabase): Promise<number> {
  const row = await database
    .selectFrom('audit_chain')
    .select('sequence')
    .orderBy('sequence', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row?.sequence ?? 0;
}
