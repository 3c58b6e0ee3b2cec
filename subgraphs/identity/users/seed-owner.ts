import { randomBytes } from 'node:crypto';
import { encodeBase62 } from '#contract/base62.ts';
import { anonymousCaller, type Caller } from '#contract/caller.ts';
import type { Clock } from '#contract/clock.ts';
import { allPermissions } from '#contract/permissions/scope.ts';
import type { ApiKeys } from '../api-keys/api-keys.ts';
import { type Changes, ofThisProcess } from '../changes.ts';
import type { IdentityDatabase } from '../database/tables.ts';
import {
  ensurePersonalOrganization,
  nameFirstProject,
  personalIds,
} from '../organizations/personal-organization.ts';
import type { AuthServer } from '../sessions/auth-server.ts';
import { claimFirstRun, type IsThere } from './first-run.ts';

const EXAMPLE_EMAIL = 'owner@castellan.localhost';
const PASSWORD_DIGITS = 24;

/** The first person, with the only copy of their password and key. Show them once and keep them nowhere. */
export interface SeededOwner {
  readonly userId: string;
  readonly organizationId: string;
  readonly email: string;
  readonly password: string;
  readonly apiKey: string;
  /**
   * Call it once they have been shown. Until then the first run is not over: if this process dies, the next
   * one gives the owner another password and key.
   */
  confirm(): Promise<void>;
}

export interface SeedOwnerParts {
  readonly database: IdentityDatabase;
  readonly clock: Clock;
  readonly auth: AuthServer;
  readonly keys: ApiKeys;
  readonly changes: Changes;
}

/**
 * Makes an owner for a developer, with a key that may do everything, and a project `demo`; null when anybody is
 * there already, or another process is making one.
 */
export function seedOwner(parts: SeedOwnerParts): Promise<SeededOwner | null> {
  return make(parts, EXAMPLE_EMAIL, async (database) => {
    const person = await database.selectFrom('user').select('id').limit(1).executeTakeFirst();
    return person !== undefined;
  });
}

/**
 * Makes the owner of the deployment, whoever has signed up before; null when there is one, or another process is
 * making one. Somebody may have signed up with this address: the account is taken over, and all that they know of
 * it opens nothing.
 */
export function makeOwner(parts: SeedOwnerParts, email: string): Promise<SeededOwner | null> {
  return make(parts, email, async (database) => {
    const owner = await database
      .selectFrom('deployment_owner')
      .select('user_id')
      .executeTakeFirst();
    return owner !== undefined;
  });
}

async function make(
  { database, clock, auth, keys, changes }: SeedOwnerParts,
  email: string,
  isThere: IsThere,
): Promise<SeededOwner | null> {
  const run = await claimFirstRun(database, clock.now(), isThere);
  if (run === null) return null;
  const password = encodeBase62(randomBytes(18), PASSWORD_DIGITS + 1);
  const person = { name: 'Owner', email, password };
  const known = await auth.recover(person);
  const userId = known ?? (await auth.signUp(person));
  await ensurePersonalOrganization(database, userId, clock.now());
  await nameFirstProject(database, userId, 'demo');
  const origin = { caller: callerOf(userId), origin: ofThisProcess };
  await changes.run(origin, async ({ transaction, now }) => {
    await transaction
      .insertInto('deployment_owner')
      .values({ user_id: userId, made_at: now })
      .onConflict((conflict) => conflict.column('user_id').doNothing())
      .execute();
  });
  if (known !== null) await keys.revokeMany(origin, { scope: 'OWN' });
  const { key } = await keys.create(origin, {
    name: 'first key',
    permissions: ['READ', 'WRITE', 'ADMIN'],
  });
  const organizationId = personalIds(userId).organization;
  return { userId, organizationId, email, password, apiKey: key, confirm: run.confirm };
}

function callerOf(userId: string): Caller {
  return {
    ...anonymousCaller,
    kind: 'session',
    subject: userId,
    organization: personalIds(userId).organization,
    permissions: allPermissions,
  };
}
