import { CodedError } from '#contract/errors.ts';
import {
  builtInScopes,
  type PermissionName,
  scopeOfPermission,
} from '#contract/permissions/scope.ts';
import { whyNoName } from '../readable-name.ts';
import { type ExpiryInput, readExpiry } from './expiry.ts';

/** `CreateAPIKeyInput`, as GraphQL hands it over. */
export interface NewKeyInput extends ExpiryInput {
  readonly name: string;
  readonly permissions?: readonly PermissionName[] | null | undefined;
}

/** What whoever makes the key may give away. `expiresAt` is null for somebody without an end. */
export interface Maker {
  readonly scopes: readonly string[];
  readonly expiresAt: number | null;
}

export interface NewKey {
  readonly name: string;
  readonly scopes: readonly string[];
  readonly expiresAt: number | null;
}

/**
 * What a new key is to be, or why it may not be.
 *
 * A key gets at most its maker's rights and lives at most as long.
 * @throws CodedError BAD_USER_INPUT naming the argument, FORBIDDEN for rights that the maker does not have
 */
export function decideNewKey(input: NewKeyInput, maker: Maker, now: number): NewKey {
  const name = readName(input.name);
  const scopes = readScopes(input.permissions);
  const expiresAt = readExpiry(input, now);
  if (scopes.some((scope) => !maker.scopes.includes(scope))) throw new CodedError('FORBIDDEN');
  return { name, scopes, expiresAt: withinMaker(input, expiresAt, maker) };
}

function readName(text: string): string {
  const mistake = whyNoName(text);
  if (mistake !== null) throw invalid('name', mistake);
  return text.trim();
}

function readScopes(permissions: NewKeyInput['permissions']): readonly string[] {
  const names = permissions ?? ['READ'];
  if (names.length === 0) throw invalid('permissions', 'A key needs at least one permission');
  const wanted = new Set<string>(names.map((name) => scopeOfPermission[name]));
  return builtInScopes.filter((scope) => wanted.has(scope));
}

function withinMaker(input: NewKeyInput, expiresAt: number | null, maker: Maker): number | null {
  if (maker.expiresAt === null || (expiresAt !== null && expiresAt <= maker.expiresAt)) {
    return expiresAt;
  }
  if (expiresAt === null) return maker.expiresAt;
  const argument = input.expiresAt == null ? 'expiresIn' : 'expiresAt';
  throw invalid(argument, 'A key cannot live longer than the key it is made with');
}

function invalid(argument: keyof NewKeyInput, message: string): CodedError {
  return new CodedError('BAD_USER_INPUT', message, { extensions: { argument } });
}
