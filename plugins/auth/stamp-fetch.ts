import type { FastifyRequest } from 'fastify';
import type { Caller } from '#contract/caller.ts';
import { CLAIMS_HEADER, CLIENT_ADDRESS_HEADER, REQUEST_ID_HEADER } from '#contract/claims.ts';
import type { ClaimsMinter } from './claims-minter.ts';

/** The part of a call to a subgraph, and of the request it belongs to, that the stamp needs. */
export interface StampedFetch {
  readonly subgraph: string;
  readonly headers: Record<string, string>;
  /** Whether the gateway answers it itself, so that nobody has to be told who is calling. */
  readonly isInside?: boolean;
}

export interface FetchingRequest {
  readonly request: FastifyRequest;
  readonly caller: Caller;
}

/**
 * The hook that gives each call to a subgraph its claims, the request's id and the client's address. Without a
 * promise when the claims are there already.
 */
export function stampFetch(minter: ClaimsMinter) {
  return (fetch: StampedFetch, { request, caller }: FetchingRequest): void | Promise<void> => {
    if (fetch.isInside) return;
    const { headers } = fetch;
    headers[REQUEST_ID_HEADER] = request.id;
    const { ip }: { readonly ip: string | undefined } = request;
    // A client that has hung up has none any more.
    if (ip !== undefined) headers[CLIENT_ADDRESS_HEADER] = ip;
    const token = minter.tokenFor(caller, fetch.subgraph);
    if (typeof token === 'string') {
      headers[CLAIMS_HEADER] = token;
      return;
    }
    return token.then((text) => {
      headers[CLAIMS_HEADER] = text;
    });
  };
}
