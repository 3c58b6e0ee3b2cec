import { anonymousCaller, type Caller } from '#contract/caller.ts';
import { builtInScopes, permissionsOf } from '#contract/permissions/scope.ts';
import { type ClaimMapping, scopeToken } from './issuer-options.ts';
import { TokenRefused } from './token-refused.ts';

export interface VerifiedClaims {
  /** Whose token it is; part of the caller's name. */
  readonly issuer: string;
  readonly claims: Readonly<Record<string, unknown>>;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number | null;
}

const MAX_TEXT_LENGTH = 255;
const MAX_SCOPES = 100;
/** So that the claims of ours, which go along as a header, stay below 8 KB. */
const MAX_SCOPES_LENGTH = 3_000;
/** No event of our identity is about an outside caller, so none can come after what is known of them. */
const OF_NO_EVENT = Number.MAX_SAFE_INTEGER;
const builtIn: ReadonlySet<string> = new Set(builtInScopes);

/**
 * The caller that verified claims of an outside issuer speak of.
 *
 * A claim that is missing gives nothing; one of another type than the mapping wants refuses the token. The subject
 * carries its issuer, so that it can be no user of ours nor of another issuer.
 * @throws TokenRefused when there is no subject, or a claim does not fit
 */
export function mapClaims(
  { issuer, claims, expiresAt }: VerifiedClaims,
  mapping: ClaimMapping,
): Caller {
  const textAt = (path: string | undefined) =>
    path === undefined ? null : readText(valueAt(claims, path), path);
  const subject = textAt(mapping.subject);
  if (subject === null) throw new TokenRefused(`there is no claim "${mapping.subject}"`);
  return Object.freeze({
    ...anonymousCaller,
    kind: 'jwt',
    subject: `${issuer}|${subject}`,
    organization: textAt(mapping.organization),
    project: textAt(mapping.project),
    environment: textAt(mapping.environment),
    permissions: permissionsOf(scopesOf(claims, mapping)),
    credentialId: textAt('jti'),
    expiresAt,
    asOfSequence: OF_NO_EVENT,
  });
}

function scopesOf(claims: VerifiedClaims['claims'], mapping: ClaimMapping): readonly string[] {
  const scopes = new Set(mapping.fixedScopes);
  for (const theirs of readScopes(valueAt(claims, mapping.scopes), mapping.scopes)) {
    if (Object.hasOwn(mapping.scopeMap, theirs)) {
      for (const ours of mapping.scopeMap[theirs] ?? []) scopes.add(ours);
    } else if (mapping.unmappedScopes === 'keep' && isHarmless(theirs)) {
      scopes.add(theirs);
    }
  }
  const list = [...scopes];
  if (list.length > MAX_SCOPES || list.join(' ').length > MAX_SCOPES_LENGTH) {
    throw new TokenRefused(`"${mapping.scopes}" holds too many scopes; map some, drop the others`);
  }
  return list;
}

/** A name that grants nothing by itself and is one name: "a admin" would be two in the claims of ours. */
function isHarmless(scope: string): boolean {
  return scopeToken.test(scope) && !builtIn.has(scope);
}

function readScopes(value: unknown, path: string): readonly string[] {
  if (value === undefined || value === null) return [];
  if (typeof value === 'string') return value.split(' ').filter((scope) => scope !== '');
  if (Array.isArray(value) && value.every((scope) => typeof scope === 'string')) return value;
  throw new TokenRefused(`"${path}" is neither a text nor an array of texts`);
}

function readText(value: unknown, path: string): string | null {
  if (value === undefined || value === null) return null;
  const isFit =
    typeof value === 'string' &&
    value !== '' &&
    value.length <= MAX_TEXT_LENGTH &&
    value.isWellFormed() &&
    !/\p{Cc}/u.test(value);
  if (!isFit)
    throw new TokenRefused(`"${path}" is not a text of 1 to ${MAX_TEXT_LENGTH} characters`);
  return value;
}

/** A claim of exactly this name, for names such as `https://example.com/roles`, else what the dots lead to. */
function valueAt(claims: Readonly<Record<string, unknown>>, path: string): unknown {
  if (Object.hasOwn(claims, path)) return claims[path];
  let value: unknown = claims;
  for (const name of path.split('.')) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
    if (!Object.hasOwn(value, name)) return undefined;
    value = (value as Record<string, unknown>)[name]; // an object that has it, as was looked
  }
  return value;
}
