import type { Grant, Permissions } from './grant.ts';
import { grantCovers } from './grant-covers.ts';
import { invalidArgument } from './invalid-argument.ts';
import { combinedLimits } from './limits.ts';
import { reduceGrants, whyTooMany } from './normalize-grants.ts';
import { tooComplex } from './too-complex.ts';

const grantsOfScope = {
  'read:all': everywhere('READ'),
  'write:all': everywhere('CREATE', 'UPDATE', 'DELETE', 'PUBLISH', 'UNPUBLISH'),
  admin: everywhere('MANAGE'),
  'app:access': Object.freeze([]),
} as const satisfies Record<string, readonly Grant[]>;

export type BuiltInScope = keyof typeof grantsOfScope;

/** All the built-in scopes, the widest rights there are. `app:access` grants nothing; a schema may ask for it. */
export const builtInScopes: readonly BuiltInScope[] = Object.freeze([
  'read:all',
  'write:all',
  'admin',
  'app:access',
] as const);

/** The permission names of the API (`permissions: [READ, WRITE]`) and the scope that each one stands for. */
export const scopeOfPermission = Object.freeze({
  READ: 'read:all',
  WRITE: 'write:all',
  ADMIN: 'admin',
} as const satisfies Record<string, BuiltInScope>);

export type PermissionName = keyof typeof scopeOfPermission;

/** Scopes of a team's own, and the grants that each one stands for. They cannot redefine the built-in ones. */
export type CustomScopes = ReadonlyMap<string, readonly Grant[]>;

const noCustomScopes: CustomScopes = new Map();

/**
 * The permissions that a list of scopes stands for, and grants beside them. An unknown scope is kept by name
 * and grants nothing.
 *
 * @throws CodedError BAD_USER_INPUT for a name that is no scope (RFC 6749 §3.3): in a list, a blank would make
 * two of it; PERMISSIONS_TOO_COMPLEX for more than 250 grants or 32 KiB of them
 * @example permissionsOf(['read:all', 'editor'], new Map([['editor', readGrants([…])]]))
 */
export function permissionsOf(
  scopes: readonly string[],
  customScopes: CustomScopes = noCustomScopes,
  grants: readonly Grant[] = [],
): Permissions {
  const distinct = [...new Set(scopes)];
  const malformed = distinct.findIndex((scope) => !/^[\x21\x23-\x5b\x5d-\x7e]+$/.test(scope));
  if (malformed !== -1) throw invalidArgument(`scopes[${malformed}]`, 'is not the name of a scope');
  const all = distinct.flatMap((scope) => grantsOf(scope, customScopes) ?? []).concat(grants);
  if (whyTooMany(all, combinedLimits) !== null) throw tooComplex();
  return Object.freeze({
    scopes: Object.freeze(distinct),
    grants: reduceGrants(all),
  });
}

/** The grants that a scope stands for; undefined when that is not known. */
export function grantsOf(
  scope: string,
  customScopes: CustomScopes = noCustomScopes,
): readonly Grant[] | undefined {
  return isBuiltIn(scope) ? grantsOfScope[scope] : customScopes.get(scope);
}

/**
 * The built-in scopes of permissions whose grants are there, with all others, and the grants that these do not
 * stand for, as far as that is known.
 */
export function splitPermissions(
  { scopes, grants }: Permissions,
  customScopes: CustomScopes = noCustomScopes,
): Permissions {
  const honest = scopes.filter(
    (scope) => !isBuiltIn(scope) || holdsAll(grants, grantsOfScope[scope]),
  );
  const implied = honest.flatMap((scope) => grantsOf(scope, customScopes) ?? []);
  return { scopes: honest, grants: grants.filter((grant) => !holdsAll(implied, [grant])) };
}

/** Whether each of the `wanted` grants is covered, each action by one of `grants`. Sound and not complete. */
export function holdsAll(grants: readonly Grant[], wanted: readonly Grant[]): boolean {
  return wanted.every((want) =>
    want.actions.every((action) =>
      grants.some((grant) => grant.actions.includes(action) && grantCovers(grant, want)),
    ),
  );
}

export function isBuiltIn(scope: string): scope is BuiltInScope {
  return Object.hasOwn(grantsOfScope, scope);
}

/** No rights at all. */
export const noPermissions: Permissions = permissionsOf([]);

/** Every right there is. */
export const allPermissions: Permissions = permissionsOf(builtInScopes);

function everywhere(...actions: Grant['actions']): readonly Grant[] {
  return Object.freeze([Object.freeze({ actions: Object.freeze(actions), on: '*' })]);
}
