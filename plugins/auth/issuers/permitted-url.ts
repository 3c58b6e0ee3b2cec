/**
 * A URL that secrets and keys may travel by: https, or http within this machine; without user, password and fragment.
 * Null when it is not.
 */
export function permittedUrl(text: unknown): URL | null {
  const url = typeof text === 'string' ? URL.parse(text) : null;
  if (url === null || url.username !== '' || url.password !== '' || url.hash !== '') return null;
  if (url.protocol === 'https:') return url;
  return url.protocol === 'http:' && isLoopback(url.hostname) ? url : null;
}

/** As the URL parser writes it: every way to write an IPv4 address is four numbers by then. */
function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname);
}
