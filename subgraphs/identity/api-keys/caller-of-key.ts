import type { Caller } from '#contract/caller.ts';
import type { KeyAnswer } from '#contract/identity.ts';
import { decide } from '#contract/permissions/decide.ts';
import type { IdentityDatabase } from '../database/tables.ts';
import { recordColumns, recordOf, statusOf } from './api-key-record.ts';
import { governsKeys, KEYS } from './governs-keys.ts';
import { callerColumns, callerOfRow } from './resolve-api-key.ts';

export interface KeyQuestion {
  readonly id: string;
  /** Who wants to know: claims that a gateway vouches for. */
  readonly asker: Caller;
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly asOfSequence: number;
}

/**
 * Who a key lets in at this moment, for somebody who may read the key: the one who uses it, its owner with a credential
 * that reads keys, and whoever governs its organization. For anybody else it is as unknown as one that there is not.
 */
export async function callerOfKey(
  database: IdentityDatabase,
  { id, asker, now, asOfSequence }: KeyQuestion,
): Promise<KeyAnswer> {
  const { subject, organization } = asker;
  if (subject === null || organization === null) return { kind: 'unknown' };
  const row = await database
    .selectFrom('api_key')
    .select([...recordColumns, ...callerColumns])
    .where('id', '=', id)
    .where('organization_id', '=', organization)
    .executeTakeFirst();
  if (row === undefined) return { kind: 'unknown' };
  const isTheirs = row.owner_id === subject && (asker.credentialId === id || mayReadKeys(asker));
  if (!isTheirs && !(await governsKeys(database, asker))) return { kind: 'unknown' };
  const caller = await callerOfRow(database, row, { now, asOfSequence });
  if (caller !== null && caller.kind !== 'elsewhere') return { kind: 'works', caller };
  const status = statusOf(recordOf(row), now);
  return { kind: 'ended', status: status === 'ACTIVE' ? 'UNUSABLE' : status };
}

function mayReadKeys({ permissions, environment }: Caller): boolean {
  const decision = decide(permissions, { action: 'READ', target: KEYS, environment });
  return decision.outcome === 'allow';
}
