import { CodedError } from '#contract/errors.ts';
import type { OwnerKind } from '../database/key-tables.ts';
import type { IdentityDatabase } from '../database/tables.ts';
import { endOfDuration } from './expiry.ts';
import type { KeySettings } from './key-settings.ts';

/** What an organization asks of its keys, together with what the deployment asks of all. */
export interface KeyPolicy {
  readonly organizationId: string;
  /** Durations, `30d`. */
  readonly defaultExpiresIn: string | null;
  readonly maxExpiresIn: string | null;
  readonly allowNever: boolean;
  readonly maxPersonalKeys: number;
  readonly maxServiceAccountKeys: number;
}

/** The policy that holds in an organization now. It may be stricter than the deployment's, never looser. */
export async function readKeyPolicy(
  database: IdentityDatabase,
  settings: KeySettings,
  organizationId: string,
  now: number,
): Promise<KeyPolicy> {
  const row = await database
    .selectFrom('organization_key_policy')
    .selectAll()
    .where('organization_id', '=', organizationId)
    .executeTakeFirst();
  const { mostKeysOfAnyOwner: most } = settings;
  const countOf = (own: number | null | undefined, usual: number) =>
    own === null || own === undefined ? usual : Math.min(own, most);
  return {
    organizationId,
    defaultExpiresIn: row?.default_expires_in ?? settings.defaultExpiresIn ?? null,
    maxExpiresIn: shorter(row?.max_expires_in ?? null, settings.maxExpiresIn ?? null, now),
    allowNever: settings.allowNever && row?.allow_never !== 0,
    maxPersonalKeys: countOf(row?.max_personal_keys, settings.maxPersonalKeys),
    maxServiceAccountKeys: countOf(row?.max_service_account_keys, settings.maxServiceAccountKeys),
  };
}

/**
 * The end of a key: what was asked for, or what stands in for it.
 *
 * What the policy does not allow is refused, never shortened: whoever asked would believe in another end.
 * @throws CodedError KEY_POLICY_VIOLATED naming the argument and the limit
 */
export function endWithinPolicy(
  asked: number | 'never' | null,
  policy: KeyPolicy,
  argument: string,
  now: number,
): number | null {
  const { defaultExpiresIn, maxExpiresIn } = policy;
  const last = maxExpiresIn === null ? null : endOfDuration(maxExpiresIn, now);
  if (typeof asked === 'number') {
    if (last === null || asked <= last) return asked;
    throw tooLong(argument, maxExpiresIn);
  }
  if (asked === null && defaultExpiresIn !== null) {
    const end = endOfDuration(defaultExpiresIn, now);
    return last === null ? end : Math.min(end, last);
  }
  if (last !== null) {
    if (asked === null) return last;
    throw tooLong(argument, maxExpiresIn);
  }
  if (policy.allowNever) return null;
  throw new CodedError('KEY_POLICY_VIOLATED', 'A key must have an end here; say "expiresIn"', {
    extensions: { argument, limit: 'allowNever', value: false },
  });
}

/** How many live keys an owner of this kind may have. */
export function mostKeysOf(kind: OwnerKind, policy: KeyPolicy): number {
  return kind === 'user' ? policy.maxPersonalKeys : policy.maxServiceAccountKeys;
}

function tooLong(argument: string, limit: string | null): CodedError {
  return new CodedError('KEY_POLICY_VIOLATED', `A key may live for ${limit} at most here`, {
    extensions: { argument, limit: 'maxExpiresIn', value: limit },
  });
}

function shorter(one: string | null, other: string | null, now: number): string | null {
  if (one === null || other === null) return one ?? other;
  return endOfDuration(one, now) <= endOfDuration(other, now) ? one : other;
}
