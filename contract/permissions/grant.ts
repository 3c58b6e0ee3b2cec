import type { Condition } from './conditions/condition.ts';

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
 * One permission: these actions, on this part of the graph. What a grant leaves out it does not restrict.
 *
 * `readGrants` makes one of JSON; a list of grants allows what any of them allows.
 */
export interface Grant {
  readonly actions: readonly Action[];
  /** `*`, `Type`, `Type.field` or `subgraph:name`. */
  readonly on: string;
  /** The name of the one subgraph in which `Type` or `Type.field` is meant: the way to say both. */
  readonly within?: string;
  /** Names or ids of environments. A caller without an environment is in none of them. */
  readonly environments?: readonly string[];
  /** Content stages, `PUBLISHED`. */
  readonly stages?: readonly string[];
  /** Locales, `en` or `pt-BR`; each is meant exactly. */
  readonly locales?: readonly string[];
  /** Which records. */
  readonly where?: Condition;
}

/**
 * The rights a caller has: the named scopes they were given, and all the grants that those stand for and others.
 * Made by `permissionsOf`; a built-in scope is only named where its grants are there.
 */
export interface Permissions {
  readonly scopes: readonly string[];
  readonly grants: readonly Grant[];
}
