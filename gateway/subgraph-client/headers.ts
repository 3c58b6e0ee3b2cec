import type { FastifyRequest } from 'fastify';
import { REQUEST_ID_HEADER } from '#contract/claims.ts';
import type { SubgraphOptions } from './options.ts';
import { continueTrace, startTrace } from './trace-context.ts';

export type HeaderWriter = (request: FastifyRequest) => Record<string, string>;

/**
 * Compiles what a subgraph is told with each call, before hooks add theirs: what is sent and accepted, the id
 * of the client's request, its trace, and those of its headers that the configuration names.
 */
export function compileHeaders({
  propagateHeaders,
  traceparent,
  compression,
}: Pick<SubgraphOptions, 'propagateHeaders' | 'traceparent' | 'compression'>): HeaderWriter {
  const encodings = compression.accept.join(', ');
  return ({ id, headers: received }) => {
    const headers: Record<string, string> = {
      'content-type': 'application/json',
      accept: 'application/graphql-response+json, application/json',
      [REQUEST_ID_HEADER]: id,
    };
    if (encodings !== '') headers['accept-encoding'] = encodings;
    if (traceparent !== 'off') {
      const trace = continueTrace(received) ?? (traceparent === 'start' ? startTrace(id) : null);
      if (trace !== null) {
        headers.traceparent = trace.traceparent;
        if (trace.tracestate !== undefined) headers.tracestate = trace.tracestate;
      }
    }
    for (const name of propagateHeaders) {
      const value = received[name];
      if (typeof value === 'string') headers[name] = value;
    }
    return headers;
  };
}

/** Whether two calls tell a subgraph the same: what only names the exchange makes no difference. */
export function sameHeaders(
  one: Readonly<Record<string, string>>,
  other: Readonly<Record<string, string>>,
): boolean {
  for (const name in one) {
    if (one[name] !== other[name] && !namesTheExchange.has(name)) return false;
  }
  for (const name in other) {
    if (!(name in one) && !namesTheExchange.has(name)) return false;
  }
  return true;
}

export const namesTheExchange = new Set([REQUEST_ID_HEADER, 'traceparent', 'tracestate']);
