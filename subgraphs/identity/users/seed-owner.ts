import { randomBytes } from 'node:crypto';
import { encodeBase62 } from '#contract/base62.ts';
import { anonymousCaller } from '#contract/caller.ts';
import { allPermissions } from '#contract/permissions/scope.ts';
import type { ApiKeys } from '../api-keys/api-keys.ts';
import type { IdentityDatabase } from '../database/tables.ts';
import { nameFirstProject, personalIds } from '../organizations/personal-organization.ts';
import type { AuthServer } from '../sessions/auth-server.ts';

const EXAMPLE_EMAIL = 'owner@castellan.localhost';
const PASSWORD_DIGITS = 24;

/** The first person, with the only copy of their password and key. Show them once and keep them nowhere. */
export interface SeededOwner {
  readonly userId: string;
  readonly email: string;
  readonly password: string;
  readonly apiKey: string;
}

/** Makes an owner with a key that may do everything, and a project `demo`; null when anybody is there already. */
export async function seedOwner(
  database: IdentityDatabase,
  auth: AuthServer,
  keys: ApiKeys,
  email: string = EXAMPLE_EMAIL,
): Promise<SeededOwner | null> {
  const anybody = await database.selectFrom('user').select('id').limit(1).executeTakeFirst();
  if (anybody !== undefined) return null;
  const password = encodeBase62(randomBytes(18), PASSWORD_DIGITS + 1);
  const userId = await auth.signUp({ name: 'Owner', email, password });
  await nameFirstProject(database, userId, 'demo');
  const owner = {
    ...anonymousCaller,
    kind: 'session',
    subject: userId,
    organization: personalIds(userId).organization,
    permissions: allPermissions,
  } as const;
  const { key } = await keys.create(owner, {
    name: 'first key',
    permissions: ['READ', 'WRITE', 'ADMIN'],
  });
  return { userId, email, password, apiKey: key };
}
