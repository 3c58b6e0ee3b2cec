import { hash } from 'node:crypto';
import type { LogRow } from '../log/identity-log.ts';

/** What the first row of a log is chained to. */
export const CHAIN_START = '0'.repeat(64);

/**
 * The hash of a row of the log: SHA-256 in hex of the hash before it and everything that the row says.
 *
 * The text that is hashed is part of the format: each row that was ever sealed must give the same one again.
 */
export function chainHash(previous: string, row: LogRow): string {
  const said = JSON.stringify([
    previous,
    row.sequence,
    row.at,
    row.action,
    row.touches,
    row.touched_id,
    row.subject_id,
    row.organization_id,
    row.actor_kind,
    row.actor_id,
    row.credential_id,
    row.address,
    row.request_id,
    row.detail,
  ]);
  return hash('sha256', said, 'hex');
}
