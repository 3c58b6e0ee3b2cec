/** A key that somebody says they have found. */
export interface LeakReport {
  readonly token: string;
  /** Where it was found: scheme, host and path. */
  readonly url: string | null;
  /** What kind of place that is, such as `commit`. */
  readonly source: string | null;
}

/** How many may be reported at once. */
export const MAX_REPORTS = 100;
const MAX_URL_LENGTH = 500;

/**
 * Reports as secret scanners send them: a JSON list of `{ token, type, url, source }`, of which only the token has
 * to be there. Null when it is something else.
 *
 * What goes into the log is read here: never a key, nor anything that a query or a fragment could carry.
 */
export function readLeakReports(body: unknown): readonly LeakReport[] | null {
  if (!Array.isArray(body) || body.length > MAX_REPORTS) return null;
  const tokens = body.map(tokenOf);
  if (!tokens.every((token) => token !== null)) return null;
  return tokens.map((token, index) => ({
    token,
    url: readUrl(body[index].url, tokens),
    source: readSource(body[index].source),
  }));
}

function tokenOf(item: unknown): string | null {
  if (typeof item !== 'object' || item === null || !('token' in item)) return null;
  return typeof item.token === 'string' ? item.token : null;
}

function readUrl(given: unknown, tokens: readonly string[]): string | null {
  if (typeof given !== 'string' || !URL.canParse(given)) return null;
  const { protocol, origin, pathname } = new URL(given);
  const url = origin + pathname;
  if ((protocol !== 'https:' && protocol !== 'http:') || url.length > MAX_URL_LENGTH) return null;
  const plain = decoded(url);
  if (plain === null || LONG_WORD.test(plain)) return null;
  return tokens.some((token) => token !== '' && plain.includes(token)) ? null : url;
}

/** Longer than a commit's hash: it may be a key, whole or in part. */
const LONG_WORD = /[A-Za-z0-9]{41,}/;

/** Lower-case words hold no key. */
function readSource(given: unknown): string | null {
  return typeof given === 'string' && /^[a-z][a-z_]{0,39}$/.test(given) ? given : null;
}

function decoded(url: string): string | null {
  try {
    return decodeURIComponent(url);
  } catch {
    // Not percent-encoding: what it says cannot be told.
    return null;
  }
}
