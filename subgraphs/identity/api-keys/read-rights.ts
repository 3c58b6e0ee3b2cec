import type { Grant } from '#contract/permissions/grant.ts';
import { readGrants } from '#contract/permissions/read-grants.ts';
import {
  builtInScopes,
  isBuiltIn,
  type PermissionName,
  scopeOfPermission,
} from '#contract/permissions/scope.ts';
import { invalidArgument } from './invalid-argument.ts';

export interface RightsInput {
  readonly permissions?: readonly PermissionName[] | null | undefined;
  readonly scopes?: readonly string[] | null | undefined;
  /** Grants as JSON. */
  readonly grants?: readonly unknown[] | null | undefined;
}

export interface KeyRights {
  readonly scopes: readonly string[];
  readonly grants: readonly Grant[];
}

const MAX_SCOPES = 32;
const MAX_SCOPE_LENGTH = 64;
const SCOPE_RULE = `A scope is lower-case words with colons between them, such as "app:access", of at most ${MAX_SCOPE_LENGTH} characters`;
const CUSTOM = /^[a-z][a-z0-9_-]*(?::[a-z0-9_-]+)*$/;

/**
 * What an input asks that a key may do; null when it asks for nothing.
 *
 * A scope that the organization did not define grants nothing by itself: it is carried by name to the subgraphs
 * that know it.
 * @throws CodedError BAD_USER_INPUT naming the argument
 */
export function readRights(input: RightsInput): KeyRights | null {
  const { permissions, scopes, grants } = input;
  if (!permissions && !scopes && !grants) return null;
  if (!permissions?.length && !scopes?.length && !grants?.length) {
    const argument = permissions ? 'permissions' : scopes ? 'scopes' : 'grants';
    throw invalidArgument(argument, 'A key needs at least one permission');
  }
  return { scopes: readScopes(input), grants: readGrants(grants ?? []) };
}

/**
 * The name of a scope of an organization's own.
 * @throws CodedError BAD_USER_INPUT for one that a key could not carry, or that is built in
 */
export function readScopeName(name: string): string {
  if (isBuiltIn(name)) throw invalidArgument('name', 'This scope is built in');
  if (!isScopeName(name)) throw invalidArgument('name', SCOPE_RULE);
  return name;
}

function isScopeName(name: string): boolean {
  return name.length <= MAX_SCOPE_LENGTH && CUSTOM.test(name);
}

/** The built-in ones first, each once. */
function readScopes({ permissions, scopes }: RightsInput): readonly string[] {
  const names = [...(permissions ?? []).map((name) => scopeOfPermission[name]), ...(scopes ?? [])];
  if (names.length > MAX_SCOPES) {
    throw invalidArgument('scopes', `A key has at most ${MAX_SCOPES} scopes`);
  }
  if (!names.every(isScopeName)) throw invalidArgument('scopes', SCOPE_RULE);
  const wanted = new Set<string>(names);
  const custom = [...wanted].filter((scope) => !isBuiltIn(scope)).sort();
  return [...builtInScopes.filter((scope) => wanted.has(scope)), ...custom];
}
