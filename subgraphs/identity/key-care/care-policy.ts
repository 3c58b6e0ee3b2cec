import { CodedError } from '#contract/errors.ts';
import { invalidArgument } from '../api-keys/invalid-argument.ts';
import type { Change, ChangeOrigin, Changes } from '../changes.ts';
import type { LeakResponse } from '../database/key-tables.ts';
import type { IdentityDatabase } from '../database/tables.ts';
import type { CareSettings } from './care-settings.ts';

/** How an organization's keys are looked after, together with what the deployment asks of all. */
export interface CarePolicy {
  readonly organizationId: string;
  /** After how many days without use a key is disabled; null for never. */
  readonly disableUnusedDays: number | null;
  readonly onLeak: LeakResponse;
}

/** `UpdateKeyCareInput`: what is left out stays, null leaves it to the deployment. */
export interface CareInput {
  readonly disableUnusedDays?: number | null | undefined;
  readonly onLeak?: LeakResponse | null | undefined;
}

/** How organizations have their keys looked after: within what the deployment asks, never more loosely. */
export interface CarePolicies {
  read(organization: string): Promise<CarePolicy>;
  /** @throws CodedError FORBIDDEN, BAD_USER_INPUT also for what is looser than the deployment allows */
  update(origin: ChangeOrigin, input: CareInput): Promise<CarePolicy>;
}

const MAX_DAYS = 3_660;

export function createCarePolicies(options: {
  readonly database: IdentityDatabase;
  readonly changes: Changes;
  readonly settings: CareSettings;
}): CarePolicies {
  const { database, changes, settings } = options;
  return {
    read: (organization) => readCarePolicy(database, settings, organization),
    update: (origin, input) =>
      changes.run(origin, (change) => updatePolicy(change, input, settings)),
  };
}

/** The policy that holds in an organization now. */
export async function readCarePolicy(
  database: IdentityDatabase,
  { keyUsage, leaks }: CareSettings,
  organizationId: string,
): Promise<CarePolicy> {
  const row = await database
    .selectFrom('organization_key_care')
    .selectAll()
    .where('organization_id', '=', organizationId)
    .executeTakeFirst();
  return {
    organizationId,
    disableUnusedDays: fewer(row?.disable_unused_days ?? null, keyUsage.disableUnusedDays ?? null),
    onLeak: stricter(row?.on_leak ?? 'notify', leaks.response),
  };
}

async function updatePolicy(
  { transaction, actor, now }: Change,
  { disableUnusedDays, onLeak }: CareInput,
  settings: CareSettings,
): Promise<CarePolicy> {
  const { organization } = actor.caller;
  if (!actor.governs || organization === null) throw new CodedError('FORBIDDEN');
  requireDays(disableUnusedDays, settings.keyUsage.disableUnusedDays);
  const { response } = settings.leaks;
  if (onLeak && stricter(onLeak, response) !== onLeak) {
    throw invalidArgument('onLeak', `The deployment asks for ${response.toUpperCase()} at least`);
  }
  const given = { disable_unused_days: disableUnusedDays, on_leak: onLeak };
  const changed = Object.fromEntries(
    Object.entries(given).filter(([, value]) => value !== undefined),
  );
  await transaction
    .insertInto('organization_key_care')
    .values({
      organization_id: organization,
      disable_unused_days: disableUnusedDays ?? null,
      on_leak: onLeak ?? null,
      updated_at: now,
    })
    .onConflict((conflict) =>
      conflict.column('organization_id').doUpdateSet({ ...changed, updated_at: now }),
    )
    .execute();
  return readCarePolicy(transaction, settings, organization);
}

/** @throws CodedError BAD_USER_INPUT */
function requireDays(days: number | null | undefined, limit = MAX_DAYS): void {
  if (days === undefined || days === null) return;
  if (days >= 1 && days <= limit) return;
  throw invalidArgument('disableUnusedDays', `"disableUnusedDays" is from 1 to ${limit} here`);
}

const strictness = { notify: 0, quarantine: 1, revoke: 2 } as const;

function stricter(one: LeakResponse, other: LeakResponse): LeakResponse {
  return strictness[one] >= strictness[other] ? one : other;
}

function fewer(one: number | null, other: number | null): number | null {
  return one === null || other === null ? (one ?? other) : Math.min(one, other);
}
