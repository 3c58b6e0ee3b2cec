import { isApiKeyShaped } from '#contract/api-key.ts';
import { type Credential, isSessionShaped } from '#contract/identity.ts';

/** The part of a request that a credential is read from, as Node's HTTP server gives it. */
export interface CredentialHeaders {
  readonly authorization?: string | undefined;
  readonly cookie?: string | undefined;
}

/**
 * What a request presents. `malformed` costs no look-up: `scheme` is a header of another scheme, `token`
 * something that cannot be a credential of ours, `ambiguous` more than one of them.
 */
export type Presented =
  | { readonly kind: 'none' }
  | {
      readonly kind: 'malformed';
      readonly source: 'authorization' | 'cookie';
      readonly reason: 'scheme' | 'token' | 'ambiguous';
    }
  | {
      readonly kind: 'credential';
      readonly source: 'authorization' | 'cookie';
      readonly credential: Credential;
    };

/** Which kind of token of outside issuers, or key of another system, a text looks like; null when of none. */
export type OutsideKind = (text: string) => 'key' | 'jwt' | 'opaque' | null;

const MAX_COOKIE_LENGTH = 4_096;
/** Of the whole header. Tokens of others can be longer than anything of ours. */
const MAX_AUTHORIZATION_LENGTH = 8_192;
const NONE: Presented = Object.freeze({ kind: 'none' });

/**
 * Reads the credential of a request without any I/O and without ever throwing.
 *
 * What has the shape of a key or a session is one; only another text in an `Authorization` header can be a token of
 * an outside issuer, or a key of another system that was imported.
 *
 * An `Authorization` header beats the session cookie, also when it is wrong: the two are never mixed, so
 * that a bad key cannot fall back to whoever is signed in.
 * @param kindOfOutside says which texts those are
 * @param authorizations how many Authorization headers came in; Node shows only the first of them
 */
export function readCredential(
  headers: CredentialHeaders,
  authorizations: number,
  cookieName: string,
  kindOfOutside: OutsideKind,
): Presented {
  if (authorizations > 1) return malformed('authorization', 'ambiguous');
  if (headers.authorization !== undefined) {
    return readAuthorization(headers.authorization, kindOfOutside);
  }
  if (headers.cookie === undefined) return NONE;
  return readSessionCookie(headers.cookie, cookieName);
}

/** `Bearer` or `Token` in any case (RFC 7235 §2.1), one space, and a token. */
function readAuthorization(header: string, kindOfOutside: OutsideKind): Presented {
  if (header.length > MAX_AUTHORIZATION_LENGTH) return malformed('authorization', 'token');
  const scheme = /^(?:bearer|token)(?: |$)/i.exec(header);
  if (scheme === null) return malformed('authorization', 'scheme');
  const text = header.slice(scheme[0].length);
  const presented = readToken(text, 'authorization');
  if (presented.kind === 'credential') return presented;
  const kind = kindOfOutside(text);
  if (kind === null) return presented;
  return { kind: 'credential', source: 'authorization', credential: { kind, text } };
}

function readSessionCookie(header: string, name: string): Presented {
  if (!header.includes(name)) return NONE;
  const values = header
    .split(';')
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(`${name}=`));
  const [only] = values;
  if (only === undefined) return NONE;
  // A neighbouring host can plant a second cookie of this name; which one is whose cannot be told.
  if (values.length > 1) return malformed('cookie', 'ambiguous');
  const value = only.slice(name.length + 1);
  return value.length > MAX_COOKIE_LENGTH
    ? malformed('cookie', 'token')
    : readToken(value, 'cookie');
}

function readToken(text: string, source: 'authorization' | 'cookie'): Presented {
  if (source === 'authorization' && isApiKeyShaped(text)) {
    return { kind: 'credential', source, credential: { kind: 'key', text } };
  }
  // A session is URL-encoded in its cookie, and that is the text people copy into a Bearer header.
  const session = text.includes('%') ? decoded(text) : text;
  if (session !== null && isSessionShaped(session)) {
    return { kind: 'credential', source, credential: { kind: 'session', text: session } };
  }
  return malformed(source, 'token');
}

function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    // Not percent-encoding, so not a session either.
    return null;
  }
}

function malformed(
  source: 'authorization' | 'cookie',
  reason: 'scheme' | 'token' | 'ambiguous',
): Presented {
  return { kind: 'malformed', source, reason };
}
