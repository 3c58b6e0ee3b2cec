import {
  builtInScopes,
  isBuiltIn,
  type PermissionName,
  scopeOfPermission,
} from '#contract/permissions/scope.ts';
import { invalidArgument } from './invalid-argument.ts';

export interface ScopesInput {
  readonly permissions?: readonly PermissionName[] | null | undefined;
  readonly scopes?: readonly string[] | null | undefined;
}

const MAX_SCOPES = 32;
const MAX_SCOPE_LENGTH = 64;
const CUSTOM = /^[a-z][a-z0-9_-]*(?::[a-z0-9_-]+)*$/;

/**
 * The scopes that an input asks for, the built-in ones first and each once; null when it asks for none.
 *
 * A scope of somebody's own grants nothing by itself: it is carried by name to the subgraphs that know it.
 * @throws CodedError BAD_USER_INPUT naming the argument
 */
export function readScopes({ permissions, scopes }: ScopesInput): readonly string[] | null {
  if (!permissions && !scopes) return null;
  const names = [...(permissions ?? []).map((name) => scopeOfPermission[name]), ...(scopes ?? [])];
  if (names.length === 0) {
    throw invalidArgument(
      permissions ? 'permissions' : 'scopes',
      'A key needs at least one permission',
    );
  }
  if (names.length > MAX_SCOPES) {
    throw invalidArgument('scopes', `A key has at most ${MAX_SCOPES} scopes`);
  }
  if (names.some((scope) => scope.length > MAX_SCOPE_LENGTH || !CUSTOM.test(scope))) {
    throw invalidArgument(
      'scopes',
      `A scope is lower-case words with colons between them, such as "app:access", of at most ${MAX_SCOPE_LENGTH} characters`,
    );
  }
  const wanted = new Set<string>(names);
  const custom = [...wanted].filter((scope) => !isBuiltIn(scope)).sort();
  return [...builtInScopes.filter((scope) => wanted.has(scope)), ...custom];
}
