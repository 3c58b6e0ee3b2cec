import { CodedError } from '#contract/errors.ts';
import type { Grant } from '#contract/permissions/grant.ts';
import { type CustomScopes, permissionsOf } from '#contract/permissions/scope.ts';
import type { BindingsInput } from './bindings.ts';
import { argumentOf, type ExpiryInput, readExpiry } from './expiry.ts';
import { invalidArgument } from './invalid-argument.ts';
import { givesAway, type KeyBounds } from './key-bounds.ts';
import { endWithinPolicy, type KeyPolicy } from './key-policy.ts';
import { readName } from './read-name.ts';
import { type KeyRights, type RightsInput, readRights } from './read-rights.ts';

/** `CreateAPIKeyInput`, as GraphQL hands it over. */
export interface NewKeyInput extends ExpiryInput, RightsInput, BindingsInput {
  readonly name: string;
  readonly serviceAccountId?: string | null | undefined;
}

export interface NewKey {
  readonly name: string;
  readonly scopes: readonly string[];
  readonly grants: readonly Grant[];
  readonly expiresAt: number | null;
}

const READING: KeyRights = { scopes: ['read:all'], grants: [] };

/**
 * What a new key is to be, or why it may not be.
 *
 * A key gets at most its maker's rights and lives at most as long.
 * @throws CodedError BAD_USER_INPUT naming the argument, FORBIDDEN for rights that the maker does not have,
 *   KEY_POLICY_VIOLATED for an end that the organization does not allow, PERMISSIONS_TOO_COMPLEX
 */
export function decideNewKey(
  input: NewKeyInput,
  maker: KeyBounds,
  policy: KeyPolicy,
  custom: CustomScopes,
  now: number,
): NewKey {
  const name = readName(input.name);
  const { scopes, grants } = readRights(input) ?? READING;
  const asked = readExpiry(input, now);
  const wanted = permissionsOf(scopes, custom, grants);
  if (!givesAway(maker, wanted, custom)) throw new CodedError('FORBIDDEN');
  const argument = argumentOf(input);
  const expiresAt = endWithinPolicy(asked, policy, argument, now);
  if (endsWithin(expiresAt, maker)) return { name, scopes, grants, expiresAt };
  if (asked === null) return { name, scopes, grants, expiresAt: maker.expiresAt };
  throw invalidArgument(argument, 'A key cannot live longer than the key it is made with');
}

/** Whether a key that ends then does not outlive its maker. */
export function endsWithin(
  end: number | null,
  { expiresAt }: Pick<KeyBounds, 'expiresAt'>,
): boolean {
  return expiresAt === null || (end !== null && end <= expiresAt);
}
