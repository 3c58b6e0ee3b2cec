import type { Grant, Permissions } from './grant.ts';

const grantsOfScope = {
  'read:all': [{ actions: ['READ'], on: '*' }],
  'write:all': [{ actions: ['CREATE', 'UPDATE', 'DELETE', 'PUBLISH', 'UNPUBLISH'], on: '*' }],
  admin: [{ actions: ['MANAGE'], on: '*' }],
} as const satisfies Record<string, readonly Grant[]>;

export type BuiltInScope = keyof typeof grantsOfScope;

/** All the built-in scopes, the widest rights there are. */
export const builtInScopes: readonly BuiltInScope[] = Object.freeze([
  'read:all',
  'write:all',
  'admin',
] as const);

export function isBuiltInScope(scope: string): scope is BuiltInScope {
  return Object.hasOwn(grantsOfScope, scope);
}

/** The permission names of the API (`permissions: [READ, WRITE]`) and the scope that each one stands for. */
export const scopeOfPermission = Object.freeze({
  READ: 'read:all',
  WRITE: 'write:all',
  ADMIN: 'admin',
} as const satisfies Record<string, BuiltInScope>);

export type PermissionName = keyof typeof scopeOfPermission;

/** The permissions that a list of scopes stands for. An unknown scope is kept by name and grants nothing. */
export function permissionsOf(scopes: readonly string[]): Permissions {
  const distinct = [...new Set(scopes)];
  const grants: Grant[] = distinct.flatMap((scope): readonly Grant[] =>
    isBuiltInScope(scope) ? grantsOfScope[scope] : [],
  );
  return Object.freeze({ scopes: Object.freeze(distinct), grants: Object.freeze(grants) });
}

/** No rights at all. */
export const noPermissions: Permissions = permissionsOf([]);

/** Every right there is. */
export const allPermissions: Permissions = permissionsOf(builtInScopes);
