/** What can be done to data. READ is for queries, MANAGE for keys, members and policies. */
export const actions = [
  'READ',
  'CREATE',
  'UPDATE',
  'DELETE',
  'PUBLISH',
  'UNPUBLISH',
  'MANAGE',
] as const;

export type Action = (typeof actions)[number];

/**
 * One permission: these actions, on this part of the graph.
 *
 * `on` is `*`, `Type`, `Type.field` or `subgraph:name`. What a grant leaves out it does not restrict.
 */
export interface Grant {
  readonly actions: readonly Action[];
  readonly on: string;
}

/** The rights a caller has: the named scopes they were given, and all the grants that those stand for. */
export interface Permissions {
  readonly scopes: readonly string[];
  readonly grants: readonly Grant[];
}
