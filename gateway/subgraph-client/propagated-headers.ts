import { CodedError } from '#contract/errors.ts';

/**
 * The headers of a client's request that may go on to a subgraph, in lower case, each once.
 *
 * Only exact names: a pattern would one day match a header that carries a credential.
 * @throws CodedError CONFIGURATION_INVALID for what is no header name, and for one that must never go on
 */
export function readPropagatedHeaders(names: readonly string[], place: string): readonly string[] {
  const known = new Set<string>();
  for (const name of names) {
    const lowerCased = name.toLowerCase();
    if (!/^[!#$%&'*+\-.^_`|~0-9a-z]+$/.test(lowerCased)) {
      throw refusal(place, `"${name}" is not the name of a header`);
    }
    // Some servers read `castellan_claims` as the same name.
    const reason = whyNever(lowerCased.replaceAll('_', '-'));
    if (reason !== undefined) throw refusal(place, `${name} cannot be propagated: ${reason}`);
    known.add(lowerCased);
  }
  return Object.freeze([...known]);
}

function whyNever(name: string): string | undefined {
  if (hopByHop.has(name)) return 'it belongs to one connection (RFC 9110 §7.6.1)';
  if (credentials.has(name)) return 'a subgraph gets claims, never a credential';
  if (name.startsWith('castellan-')) return 'only a gateway says it';
  if (name.startsWith('content-')) return 'it describes the body of another request';
  if (ours.has(name)) return 'the gateway sets it itself';
  return undefined;
}

const hopByHop = new Set([
  'connection',
  'expect',
  'http2-settings',
  'keep-alive',
  'proxy-authenticate',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

const credentials = new Set([
  'authorization',
  'cookie',
  'cookie2',
  'proxy-authorization',
  'set-cookie',
]);

const ours = new Set(['accept', 'accept-encoding', 'host', 'traceparent', 'tracestate']);

function refusal(place: string, problem: string): CodedError {
  return new CodedError('CONFIGURATION_INVALID', `${place}.propagateHeaders: ${problem}`);
}
