import type { Clock } from '#contract/clock.ts';
import { CodedError } from '#contract/errors.ts';
import type { Change, ChangeOrigin, Changes } from '../changes.ts';
import type { IdentityDatabase } from '../database/tables.ts';
import { endOfDuration } from './expiry.ts';
import { invalidArgument } from './invalid-argument.ts';
import { type KeyPolicy, readKeyPolicy } from './key-policy.ts';
import type { KeySettings } from './key-settings.ts';

/** `UpdateKeyPolicyInput`: what is left out stays, null leaves it to the deployment. */
export interface KeyPolicyInput {
  readonly defaultExpiresIn?: string | null | undefined;
  readonly maxExpiresIn?: string | null | undefined;
  readonly allowNever?: boolean | null | undefined;
  readonly maxPersonalKeys?: number | null | undefined;
  readonly maxServiceAccountKeys?: number | null | undefined;
}

/** What organizations ask of their keys. Keys that are there already stay as they are. */
export interface KeyPolicies {
  read(organization: string): Promise<KeyPolicy>;
  /** @throws CodedError FORBIDDEN, BAD_USER_INPUT also for what is looser than the deployment allows */
  update(origin: ChangeOrigin, input: KeyPolicyInput): Promise<KeyPolicy>;
}

export function createKeyPolicies(options: {
  readonly database: IdentityDatabase;
  readonly changes: Changes;
  readonly clock: Clock;
  readonly settings: KeySettings;
}): KeyPolicies {
  const { database, changes, clock, settings } = options;
  return {
    read: (organization) => readKeyPolicy(database, settings, organization, clock.now()),
    update: (origin, input) =>
      changes.run(origin, (change) => updatePolicy(change, input, settings)),
  };
}

async function updatePolicy(
  { transaction, actor, now }: Change,
  input: KeyPolicyInput,
  settings: KeySettings,
): Promise<KeyPolicy> {
  const { organization } = actor.caller;
  if (!actor.governs || organization === null) throw new CodedError('FORBIDDEN');
  requireStricter(input, settings, now);
  const { allowNever } = input;
  const given = {
    default_expires_in: input.defaultExpiresIn,
    max_expires_in: input.maxExpiresIn,
    allow_never: allowNever === undefined || allowNever === null ? allowNever : Number(allowNever),
    max_personal_keys: input.maxPersonalKeys,
    max_service_account_keys: input.maxServiceAccountKeys,
  };
  const columns = {
    default_expires_in: given.default_expires_in ?? null,
    max_expires_in: given.max_expires_in ?? null,
    allow_never: given.allow_never ?? null,
    max_personal_keys: given.max_personal_keys ?? null,
    max_service_account_keys: given.max_service_account_keys ?? null,
  };
  const changed = Object.fromEntries(
    Object.entries(given).filter(([, value]) => value !== undefined),
  );
  await transaction
    .insertInto('organization_key_policy')
    .values({ organization_id: organization, ...columns, updated_at: now })
    .onConflict((conflict) =>
      conflict.column('organization_id').doUpdateSet({ ...changed, updated_at: now }),
    )
    .execute();
  return readKeyPolicy(transaction, settings, organization, now);
}

/** @throws CodedError BAD_USER_INPUT naming the argument */
function requireStricter(input: KeyPolicyInput, settings: KeySettings, now: number): void {
  for (const argument of ['defaultExpiresIn', 'maxExpiresIn'] as const) {
    const duration = input[argument];
    if (duration === undefined || duration === null) continue;
    endOfDuration(duration, now, argument);
    const limit = settings.maxExpiresIn;
    if (limit !== undefined && endOfDuration(duration, now, argument) > endOfDuration(limit, now)) {
      throw invalidArgument(argument, `The deployment allows ${limit} at most`);
    }
  }
  if (input.allowNever === true && !settings.allowNever) {
    throw invalidArgument('allowNever', 'The deployment allows no key without an end');
  }
  for (const argument of ['maxPersonalKeys', 'maxServiceAccountKeys'] as const) {
    const count = input[argument];
    if (count === undefined || count === null) continue;
    if (count < 1 || count > settings.mostKeysOfAnyOwner) {
      throw invalidArgument(argument, `"${argument}" is from 1 to ${settings.mostKeysOfAnyOwner}`);
    }
  }
}
