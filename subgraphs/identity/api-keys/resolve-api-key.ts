import type { Selectable } from 'kysely';
import type { Caller } from '#contract/caller.ts';
import type { Credential, Elsewhere } from '#contract/identity.ts';
import { actions, type Permissions } from '#contract/permissions/grant.ts';
import { intersect } from '#contract/permissions/intersect.ts';
import { restrictToEnvironment } from '#contract/permissions/restrict-to-environment.ts';
import { type CustomScopes, permissionsOf } from '#contract/permissions/scope.ts';
import type { ApiKeyTable } from '../database/key-tables.ts';
import type { IdentityDatabase } from '../database/tables.ts';
import { findPlace } from '../projects/find-place.ts';
import { readCustomScopes } from '../rights/custom-scopes.ts';
import { readLiveRights, withinRights } from '../rights/live-rights.ts';
import { orNone } from '../rights/or-none.ts';
import { rightsOf, scopesOf } from './api-key-record.ts';
import { bindingsOf } from './bindings.ts';
import { type KeyTexts, matchOf } from './key-texts.ts';
import { liveBindings } from './live-bindings.ts';
import type { RehashKeys } from './rehash-keys.ts';

export interface ResolveApiKeyParts {
  readonly database: IdentityDatabase;
  readonly texts: KeyTexts;
  readonly rehash: RehashKeys;
}

/**
 * Whose key this is; null when it is nobody's: unknown, revoked, expired, replaced, out of use, or of somebody who is
 * gone, suspended, or no member of its organization any more, or bound to projects and environments that are all
 * gone. Elsewhere, when it does not reach the project or environment that was asked for.
 * A text that is not shaped like a key costs no look-up.
 */
export async function resolveApiKey(
  { database, texts, rehash }: ResolveApiKeyParts,
  { text, inEnvironment, inProject }: Omit<Credential, 'kind'>,
  now: number,
  asOfSequence: number,
): Promise<Caller | Elsewhere | null> {
  const candidates = texts.candidatesOf(text);
  if (candidates.length === 0) return null;
  const row = await findKey(
    database,
    candidates.map(({ hash }) => hash),
  );
  if (row === undefined || row.revoked_at !== null || row.disabled_at !== null) return null;
  const current = matchOf(candidates, row.hash, row.pepper_version, row.hash_kind);
  const found =
    current ??
    matchOf(candidates, row.former_hash, row.former_pepper_version, row.former_hash_kind);
  if (found === undefined) return null;
  const isCurrent = current !== undefined;
  const expiresAt = isCurrent ? row.expires_at : earlier(row.former_until ?? now, row.expires_at);
  const live = { ...row, expires_at: expiresAt };
  const caller = await callerOfRow(database, live, {
    inEnvironment,
    inProject,
    now,
    asOfSequence,
  });
  if (caller !== null && caller.kind !== 'elsewhere') {
    rehash.begin({ keyId: row.id, isCurrent, found }, texts.newest(found, candidates));
  }
  return caller;
}

/** The columns that say who a key lets in. */
export const callerColumns = [
  'id',
  'disabled_at',
  'scopes',
  'grants',
  'owner_id',
  'organization_id',
  'project_ids',
  'environment_ids',
  'ip_ranges',
  'expires_at',
  'revoked_at',
] as const satisfies readonly (keyof ApiKeyTable)[];

/**
 * Who a key lets in now, with the rights of this moment; null for nobody. Elsewhere, when it does not reach the
 * environment that was asked for.
 */
export async function callerOfRow(
  database: IdentityDatabase,
  row: Pick<Selectable<ApiKeyTable>, (typeof callerColumns)[number]>,
  {
    inEnvironment,
    inProject,
    now,
    asOfSequence,
  }: {
    readonly inEnvironment?: string | undefined;
    readonly inProject?: string | undefined;
    readonly now: number;
    readonly asOfSequence: number;
  },
): Promise<Caller | Elsewhere | null> {
  if (row.revoked_at !== null || row.disabled_at !== null) return null;
  const { expires_at: expiresAt } = row;
  if (expiresAt !== null && expiresAt <= now) return null;
  const owner = await readLiveRights(database, row.owner_id, row.organization_id);
  if (owner === null) return null;
  const { ipRanges, ...bound } = bindingsOf(row);
  const { projectIds, environmentIds } = await liveBindings(database, row.organization_id, bound);
  const places = environmentIds ?? (await environmentsOfSeveral(database, projectIds));
  // Nothing is left of what it was bound to: that is not the same as being bound to nothing.
  if (projectIds?.length === 0 || places?.length === 0) return null;
  const restricted = ipRanges !== null && { addresses: Object.freeze(ipRanges) };
  const isAsked = inEnvironment !== undefined || inProject !== undefined;
  const asked = {
    environment: inEnvironment ?? (isAsked ? undefined : (onlyOne(places) ?? undefined)),
    project: inProject,
  };
  const place =
    !isAsked && asked.environment === undefined
      ? null
      : await findPlace(database, row.organization_id, asked, {
          projectIds,
          environmentIds: places,
        });
  if (isAsked && place === null) {
    return Object.freeze({ kind: 'elsewhere', ...restricted });
  }
  const custom = await readCustomScopes(database, row.organization_id, scopesOf(row));
  return Object.freeze({
    kind: 'key',
    subject: row.owner_id,
    organization: row.organization_id,
    project: place?.project ?? onlyOne(projectIds),
    environment: place?.environment ?? onlyOne(places),
    defaultStage: place?.defaultStage ?? null,
    permissions: orNone(() => {
      const all = withinRights(rightsOf(row, custom), owner, custom);
      if (place === null) return inEnvironments(all, places, custom);
      return restrictToEnvironment(all, { id: place.environment, name: place.name }, custom);
    }),
    credentialId: row.id,
    expiresAt,
    asOfSequence,
    ...restricted,
  });
}

/** The key with one of these hashes, as its text now or as the one before. */
async function findKey(database: IdentityDatabase, hashes: readonly string[]) {
  return database
    .selectFrom('api_key')
    .select([
      ...callerColumns,
      'hash',
      'pepper_version',
      'former_hash',
      'former_pepper_version',
      'former_until',
      'hash_kind',
      'former_hash_kind',
    ])
    .where((is) => is.or([is('hash', 'in', hashes), is('former_hash', 'in', hashes)]))
    .executeTakeFirst();
}

/**
 * The environments of several projects: a caller names one project or none, so of several it is told by these. Null
 * for no project, and for one, which the caller names.
 */
async function environmentsOfSeveral(
  database: IdentityDatabase,
  projectIds: readonly string[] | null,
): Promise<readonly string[] | null> {
  if (projectIds === null || projectIds.length < 2) return null;
  const rows = await database
    .selectFrom('environment')
    .select('id')
    .where('project_id', 'in', projectIds)
    .orderBy('id')
    .execute();
  return rows.map(({ id }) => id);
}

/**
 * A key of several environments is in none of them by itself: what it may do, it may where a request is in one of
 * them. With exactly one, `Caller.environment` says so.
 */
function inEnvironments(
  permissions: Permissions,
  ids: readonly string[] | null,
  custom: CustomScopes,
): Permissions {
  if (ids === null || ids.length === 1) return permissions;
  const there = permissionsOf([], undefined, [{ actions, on: '*', environments: ids }]);
  return intersect(permissions, { ...there, scopes: permissions.scopes }, custom);
}

function earlier(one: number, other: number | null): number {
  return other === null ? one : Math.min(one, other);
}

function onlyOne(ids: readonly string[] | null): string | null {
  return ids?.length === 1 ? (ids[0] ?? null) : null;
}
