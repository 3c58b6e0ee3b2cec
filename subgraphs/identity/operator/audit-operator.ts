import { type AuditEntry, auditEntryOf } from '../audit/audit-entry.ts';
import type { AuditFilter, AuditReader, AuditScope } from '../audit/audit-reader.ts';
import type { CheckpointKeys } from '../audit/checkpoint-keys.ts';
import { type KeptCheckpoint, type Verification, verifyLog } from '../audit/verify-log.ts';
import type { IdentityDatabase } from '../database/tables.ts';

const PAGE = 500;

/** What whoever runs the store does with the audit log. */
export interface AuditOperator {
  /** Holds the log against its chain and checkpoints, and these against a checkpoint that was kept elsewhere. */
  verify(kept?: KeptCheckpoint): Promise<Verification>;
  /** The entries of everybody, or of an organization, the oldest first. */
  entries(scope: AuditScope, filter: AuditFilter): AsyncGenerator<AuditEntry, void, void>;
}

export function createAuditOperator(parts: {
  readonly database: IdentityDatabase;
  readonly keys: CheckpointKeys;
  readonly reader: AuditReader;
}): AuditOperator {
  const { database, keys, reader } = parts;
  return {
    verify: (kept) => verifyLog(database, keys, kept),
    async *entries(scope, filter) {
      let after: number | undefined;
      for (let more = true; more; ) {
        const page = await reader.oldest(scope, filter, PAGE, after);
        for (const row of page.rows) yield auditEntryOf(row);
        after = page.rows.at(-1)?.sequence;
        more = page.hasMore;
      }
    },
  };
}
