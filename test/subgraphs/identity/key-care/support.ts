import { createHash, randomBytes } from 'node:crypto';
import type { Caller } from '#contract/caller.ts';
import { defineIdentity } from '#subgraphs/identity/settings.ts';
import type { TestIdentity } from '../../support/running-identity.ts';

export const DAY_MS = 86_400_000;
export const PREFIX = 'acme_live-';

/** Keys of another system may be imported, and a person may have many. */
export const importing = defineIdentity({
  keys: { maxPersonalKeys: 1_000 },
  keyImport: { prefixes: [PREFIX] },
});

export const KEY = `query ($id: ID!) { apiKey(id: $id) {
  id status disabledAt disabledReason prefix lastUsed { at address userAgent } usage { day count } } }`;
export const IMPORT = `mutation ($input: ImportAPIKeysInput!) { importAPIKeys(input: $input) {
  imported results { index isNew apiKey { id name scopes prefix status expiresAt owner { id } serviceAccount { id } }
    error { code message } } } }`;

/** A key as another system could have made it. */
export function foreignKey(prefix = PREFIX): string {
  return prefix + randomBytes(24).toString('base64url');
}

export function sha256(text: string, encoding: 'hex' | 'base64' | 'base64url' = 'hex'): string {
  return createHash('sha256').update(text).digest(encoding);
}

/** What was logged of a key, oldest first. */
export async function logOf({ tables }: TestIdentity, id: string) {
  const rows = await tables
    .selectFrom('identity_log')
    .select(['action', 'touches', 'actor_kind', 'address', 'detail'])
    .where('touched_id', '=', id)
    .orderBy('sequence')
    .execute();
  return rows.map(({ detail, ...row }) => ({ ...row, detail: JSON.parse(detail) as unknown }));
}

export async function actionsOf(identity: TestIdentity, id: string): Promise<readonly string[]> {
  return (await logOf(identity, id)).map(({ action }) => action);
}

/** Reports keys as a scanner does; answers status and body. */
export async function reportLeaks(
  { app }: TestIdentity,
  reports: unknown,
  remoteAddress = '203.0.113.9',
) {
  const response = await app.inject({
    method: 'POST',
    url: '/api/leaks',
    remoteAddress,
    headers: { 'content-type': 'application/json' },
    payload: typeof reports === 'string' ? reports : JSON.stringify(reports),
  });
  return { status: response.statusCode, body: response.body, headers: response.headers };
}

/** Somebody who has just signed up, and stays signed in for as long as a test goes on. */
export async function signedUp(identity: TestIdentity): Promise<Caller> {
  const { caller } = await identity.signUp();
  return { ...caller, expiresAt: null };
}
