/** The name and scheme under which a client reached us. */
export interface ReachedAs {
  readonly host: string;
  readonly protocol: string;
}

/**
 * Whether a page of this origin is one of ours: its host and port are the request's. Its scheme may be https
 * where we see http (TLS that ends at a proxy we were not told to trust), never the other way round: an http page
 * can be anyone's on the wire.
 */
export function isOwnOrigin(origin: string, { host, protocol }: ReachedAs): boolean {
  const theirs = parseUrl(origin);
  if (theirs === null || theirs.origin !== origin) return false;
  if (theirs.protocol !== 'https:' && (theirs.protocol !== 'http:' || protocol === 'https')) {
    return false;
  }
  const ours = parseUrl(`${theirs.protocol}//${host}`);
  return ours !== null && ours.origin === theirs.origin;
}

function parseUrl(text: string): URL | null {
  return URL.canParse(text) ? new URL(text) : null;
}
