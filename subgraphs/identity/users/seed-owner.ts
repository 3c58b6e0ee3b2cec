import { randomBytes } from 'node:crypto';
import { encodeBase62 } from '#contract/base62.ts';
import { anonymousCaller, type Caller } from '#contract/caller.ts';
import type { Clock } from '#contract/clock.ts';
import { allPermissions } from '#contract/permissions/scope.ts';
import type { ApiKeys } from '../api-keys/api-keys.ts';
import { ofThisProcess } from '../changes.ts';
import type { IdentityDatabase } from '../database/tables.ts';
import {
  ensurePersonalOrganization,
  nameFirstProject,
  personalIds,
} from '../organizations/personal-organization.ts';
import type { AuthServer } from '../sessions/auth-server.ts';
import { claimFirstRun, type FirstRun } from './first-run.ts';

const EXAMPLE_EMAIL = 'owner@castellan.localhost';
const PASSWORD_DIGITS = 24;

/** The first person, with the only copy of their password and key. Show them once and keep them nowhere. */
export interface SeededOwner {
  readonly userId: string;
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
}

/**
 * Makes an owner with a key that may do everything, and a project `demo`; null when anybody is there already,
 * or another process is making one.
 */
export async function seedOwner(
  { database, clock, auth, keys }: SeedOwnerParts,
  email: string = EXAMPLE_EMAIL,
): Promise<SeededOwner | null> {
  const run = await claimFirstRun(database, clock.now());
  if (run === null) return null;
  const password = encodeBase62(randomBytes(18), PASSWORD_DIGITS + 1);
  const { userId, isLeft } = await accountOf(run, auth, { name: 'Owner', email, password });
  await ensurePersonalOrganization(database, userId, clock.now());
  await nameFirstProject(database, userId, 'demo');
  const owner = callerOf(userId);
  if (isLeft) await keys.revokeMany({ caller: owner, origin: ofThisProcess }, { scope: 'OWN' });
  const { key } = await keys.create(
    { caller: owner, origin: ofThisProcess },
    {
      name: 'first key',
      permissions: ['READ', 'WRITE', 'ADMIN'],
    },
  );
  return { userId, email, password, apiKey: key, confirm: run.confirm };
}

/** A new account; or the one that an earlier run left behind, which then opens to nothing but `password`. */
async function accountOf(
  run: FirstRun,
  auth: AuthServer,
  person: { readonly name: string; readonly email: string; readonly password: string },
): Promise<{ readonly userId: string; readonly isLeft: boolean }> {
  const left = run.takesOver ? await auth.recover(person) : null;
  if (left !== null) return { userId: left, isLeft: true };
  return { userId: await auth.signUp(person), isLeft: false };
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
