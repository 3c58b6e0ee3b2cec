import { actions, type Grant, type Permissions } from './grant.ts';

export type KeyType = 'FULL_ACCESS' | 'READ_ONLY' | 'SCOPED';

/**
 * FULL_ACCESS reads and writes everything, READ_ONLY reads everything and no more, SCOPED is any other set of
 * grants. A grant for some environments, stages, locales or records is not one on everything.
 */
export function keyTypeOf(permissions: Permissions): KeyType {
  const everywhere = new Set(
    permissions.grants.filter(isOnEverything).flatMap((grant) => grant.actions),
  );
  const data = actions.filter((action) => action !== 'MANAGE');
  if (data.every((action) => everywhere.has(action))) return 'FULL_ACCESS';
  const onlyReads = permissions.grants.every((grant) => grant.actions.every((a) => a === 'READ'));
  return onlyReads && everywhere.has('READ') ? 'READ_ONLY' : 'SCOPED';
}

function isOnEverything({ on, environments, stages, locales, where, within }: Grant): boolean {
  return (
    on === '*' && [environments, stages, locales, where, within].every((each) => each === undefined)
  );
}
