import { actions, type Permissions } from './grant.ts';

export type KeyType = 'FULL_ACCESS' | 'READ_ONLY' | 'SCOPED';

/** FULL_ACCESS reads and writes everything, READ_ONLY reads everything, SCOPED is any other set of grants. */
export function keyTypeOf(permissions: Permissions): KeyType {
  const everywhere = new Set(
    permissions.grants.flatMap((grant) => (grant.on === '*' ? grant.actions : [])),
  );
  const data = actions.filter((action) => action !== 'MANAGE');
  if (data.every((action) => everywhere.has(action))) return 'FULL_ACCESS';
  const onlyReads = permissions.grants.every((grant) => grant.actions.every((a) => a === 'READ'));
  return onlyReads && everywhere.has('READ') ? 'READ_ONLY' : 'SCOPED';
}
