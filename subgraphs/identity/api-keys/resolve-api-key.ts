import type { Caller } from '#contract/caller.ts';
import { CodedError } from '#contract/errors.ts';
import type { Place } from '#contract/identity.ts';
import { actions, type Permissions } from '#contract/permissions/grant.ts';
import { intersect } from '#contract/permissions/intersect.ts';
import { restrictToEnvironment } from '#contract/permissions/restrict-to-environment.ts';
import { type CustomScopes, noPermissions, permissionsOf } from '#contract/permissions/scope.ts';
import type { IdentityDatabase } from '../database/tables.ts';
import { findPlace } from '../projects/find-place.ts';
import { readCustomScopes } from '../rights/custom-scopes.ts';
import { type LiveRights, readLiveRights, withinRights } from '../rights/live-rights.ts';
import { type RightsColumns, rightsOf, scopesOf } from './api-key-record.ts';
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
 * gone. With a place, whose it is there; nobody's where it is not to be used.
 * A text that is not shaped like a key costs no look-up.
 */
export async function resolveApiKey(
  { database, texts, rehash }: ResolveApiKeyParts,
  text: string,
  now: number,
  asOfSequence: number,
  place?: Place,
): Promise<Caller | null> {
  const candidates = texts.candidatesOf(text);
  if (candidates.length === 0) return null;
  const row = await findKey(
    database,
    candidates.map(({ hash }) => hash),
  );
  if (row === undefined || row.revoked_at !== null || row.disabled_at !== null) return null;
  const current = matchOf(candidates, row.hash, row.pepper_version, row.hash_kind);
  const matched =
    current ??
    matchOf(candidates, row.former_hash, row.former_pepper_version, row.former_hash_kind);
  if (matched === undefined) return null;
  const isCurrent = current !== undefined;
  const expiresAt = isCurrent ? row.expires_at : earlier(row.former_until ?? now, row.expires_at);
  if (expiresAt !== null && expiresAt <= now) return null;
  const owner = await readLiveRights(database, row.owner_id, row.organization_id);
  if (owner === null) return null;
  const { ipRanges, ...bound } = bindingsOf(row);
  const { projectIds, environmentIds } = await liveBindings(database, row.organization_id, bound);
  const places = environmentIds ?? (await environmentsOfSeveral(database, projectIds));
  // Nothing is left of what it was bound to: that is not the same as being bound to nothing.
  if (projectIds?.length === 0 || places?.length === 0) return null;
  const within = { organization: row.organization_id, projectIds, environmentIds };
  const found = place === undefined ? null : await findPlace(database, within, place);
  if (place !== undefined && found === null) return null;
  const custom = await readCustomScopes(database, row.organization_id, scopesOf(row));
  const permissions = permissionsWith(row, owner, places, custom);
  rehash.begin({ keyId: row.id, isCurrent, found: matched }, texts.newest(matched, candidates));
  return Object.freeze({
    kind: 'key',
    subject: row.owner_id,
    organization: row.organization_id,
    project: found === null ? onlyOne(projectIds) : found.projectId,
    environment: found === null ? onlyOne(places) : found.environment.id,
    permissions:
      found === null ? permissions : restrictToEnvironment(permissions, found.environment, custom),
    credentialId: row.id,
    expiresAt,
    asOfSequence,
    ...(ipRanges !== null && { addresses: Object.freeze(ipRanges) }),
  });
}

/** The key with one of these hashes, as its text now or as the one before. */
async function findKey(database: IdentityDatabase, hashes: readonly string[]) {
  return database
    .selectFrom('api_key')
    .select([
      'id',
      'hash',
      'pepper_version',
      'former_hash',
      'former_pepper_version',
      'former_until',
      'hash_kind',
      'former_hash_kind',
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
    ])
    .where((is) => is.or([is('hash', 'in', hashes), is('former_hash', 'in', hashes)]))
    .executeTakeFirst();
}

/** Whoever cannot be told their rights has none: what an organization wrote since may be too much at once. */
function permissionsWith(
  row: RightsColumns,
  owner: LiveRights,
  environmentIds: readonly string[] | null,
  custom: CustomScopes,
): Permissions {
  try {
    const permissions = withinRights(rightsOf(row, custom), owner, custom);
    return inEnvironments(permissions, environmentIds, custom);
  } catch (error) {
    if (error instanceof CodedError && error.code === 'PERMISSIONS_TOO_COMPLEX') {
      return noPermissions;
    }
    throw error;
  }
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
