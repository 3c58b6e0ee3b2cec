import { createApiKey, displayPrefix, keyClassOf } from '#contract/api-key.ts';
import { CodedError } from '#contract/errors.ts';
import { isWithin } from '#contract/permissions/is-within.ts';
import type { Change } from '../changes.ts';
import { readCustomScopes } from '../rights/custom-scopes.ts';
import { naming, readLiveRights, withinRights } from '../rights/live-rights.ts';
import { recordColumns, recordOf, rightsOf } from './api-key-record.ts';
import { endsWithin } from './decide-new-key.ts';
import { endOfDuration } from './expiry.ts';
import { invalidArgument } from './invalid-argument.ts';
import type { KeyMaking, KeyWithText } from './key-with-text.ts';
import { boundsOfEditor, findReachable, type KeyRow, requireLive } from './reach.ts';

const DEFAULT_OVERLAP = '1h';
const MAX_OVERLAP_MS = 7 * 24 * 3_600_000;

/**
 * Gives a key another text. Everything else of it stays: id, name, rights, owner, end. The text until now works
 * for the overlap and no longer than the key; one from before that ends at once.
 */
export async function rotateKey(
  change: Change,
  id: string,
  overlap: string | null | undefined,
  { peppers, settings, production }: KeyMaking,
): Promise<KeyWithText> {
  const { transaction, now } = change;
  const before = await findReachable(change, id);
  const wanted = endOfOverlap(overlap ?? DEFAULT_OVERLAP, now);
  // A text that somebody found must not work again, also when the key is released.
  const until = before.disabled_reason === 'leaked' ? null : wanted;
  requireLive(before, now);
  await requireHolder(change, before);
  const keyClass =
    before.hash_kind === 'key' ? keyClassOf(before.prefix) : classOfOther(production);
  const key = createApiKey(keyClass, settings.brand);
  const { hash, version } = peppers.hash(key);
  const end = before.expires_at;
  const formerUntil = until === null || end === null ? until : Math.min(until, end);
  const row = await transaction
    .updateTable('api_key')
    .set({
      prefix: displayPrefix(key),
      hash,
      pepper_version: version,
      hash_kind: 'key',
      rotations: before.rotations + 1,
      rotated_at: now,
      former_hash: until === null ? null : before.hash,
      former_pepper_version: until === null ? null : before.pepper_version,
      former_hash_kind: before.hash_kind,
      former_until: formerUntil,
    })
    .where('id', '=', id)
    .returning(recordColumns)
    .executeTakeFirstOrThrow();
  return { key, record: recordOf(row) };
}

/**
 * Whoever is shown the text of a key can act as its owner: that is for the owner, for a service account's also for
 * those who govern it, and never for somebody who has less than the key.
 */
async function requireHolder(change: Change, row: KeyRow): Promise<void> {
  const { transaction, actor } = change;
  const isOwn = row.owner_id === actor.caller.subject;
  if (!isOwn && row.owner_kind !== 'service_account') {
    throw new CodedError('FORBIDDEN', 'Only its owner can rotate a personal key');
  }
  const custom = await readCustomScopes(transaction, row.organization_id);
  await boundsOfEditor(change, row, custom);
  // Whoever has only a text that was replaced must not come by another one.
  if (!endsWithin(row.expires_at, actor)) {
    throw new CodedError('FORBIDDEN', 'This text has been replaced; rotate with the new one');
  }
  const owner = await readLiveRights(transaction, row.owner_id, row.organization_id);
  // An owner who is suspended may be back before the text ends.
  const effective =
    owner === null ? rightsOf(row, custom) : withinRights(rightsOf(row, custom), owner, custom);
  if (!isWithin(effective, naming(actor.permissions, effective), custom)) {
    throw new CodedError('FORBIDDEN');
  }
}

/** Of a key that another system made, whose classes are not ours. */
function classOfOther(production: boolean): string {
  return production ? 'live' : 'test';
}

/** When the text until now ends; null for at once. */
function endOfOverlap(overlap: string, now: number): number | null {
  if (overlap === '0') return null;
  const end = endOfDuration(overlap, now, 'overlap');
  if (end - now > MAX_OVERLAP_MS) {
    throw invalidArgument('overlap', 'The overlap is from "0" to "7d"');
  }
  return end;
}
