/** What a prefix of foreign keys looks like, as a pattern for a schema of options. */
export const FOREIGN_PREFIX_PATTERN = '^[A-Za-z0-9_-]{4,32}$';

const MAX_LENGTH = 256;
/** After the prefix: a text that is shorter could be guessed. */
const MIN_SECRET_LENGTH = 16;

/**
 * Whether `text` may be a key that another system made and that was imported: it begins with a registered prefix,
 * and its characters are those of a bearer token (RFC 6750 §2.1).
 *
 * Such a key has no checksum of ours. It costs no I/O and proves nothing.
 */
export function isForeignKeyShaped(text: string, prefixes: readonly string[]): boolean {
  if (prefixes.length === 0 || text.length > MAX_LENGTH) return false;
  const prefix = prefixes.find((each) => text.startsWith(each));
  if (prefix === undefined || text.length < prefix.length + MIN_SECRET_LENGTH) return false;
  return /^[A-Za-z0-9._~+/=-]+$/.test(text);
}
