import type { IncomingHttpHeaders } from 'node:http';
import { CLAIMS_HEADER, CLIENT_ADDRESS_HEADER, REQUEST_ID_HEADER } from '#contract/claims.ts';

/** The two views that Node keeps of a request's headers. */
export interface RawRequest {
  readonly headers: IncomingHttpHeaders;
  readonly rawHeaders: string[];
}

const ours = new Set([CLAIMS_HEADER, REQUEST_ID_HEADER, CLIENT_ADDRESS_HEADER]);
const lengths = new Set([...ours].map((name) => name.length));

/**
 * Drops what only a gateway may say: claims, request id and client address that the client sent itself. In any
 * case, and spelt with underscores too, since some servers (CGI, WSGI) read `castellan_claims` as the same name.
 */
export function dropGatewayHeaders({ headers, rawHeaders }: RawRequest): void {
  for (let index = rawHeaders.length - 2; index >= 0; index -= 2) {
    const name = rawHeaders[index] ?? '';
    if (!lengths.has(name.length)) continue;
    const lowerCased = name.toLowerCase();
    if (!ours.has(lowerCased.replaceAll('_', '-'))) continue;
    rawHeaders.splice(index, 2);
    delete headers[lowerCased];
  }
}

/** How many `Authorization` headers came in: Node keeps the first and says nothing of the others. */
export function countAuthorizations(rawHeaders: readonly string[]): number {
  let count = 0;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] ?? '';
    if (name.length === 13 && name.toLowerCase() === 'authorization') count += 1;
  }
  return count;
}
