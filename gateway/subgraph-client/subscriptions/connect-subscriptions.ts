import { CodedError } from '#contract/errors.ts';
import type { SubgraphOptions } from '../options.ts';
import { createNegotiatingTransport } from './negotiating-transport.ts';
import { createSseTransport } from './sse-transport.ts';
import type { SubscriptionTransport } from './subscription-transport.ts';
import { createWebSocketTransport } from './websocket-transport.ts';

/**
 * The way of subscriptions to one subgraph: where `subscriptions.url` says, or else where its queries go; over the
 * protocol that the options or the scheme of the URL name, or over the one that it turns out to speak.
 * @throws CodedError CONFIGURATION_INVALID for a URL that is none
 */
export function connectSubscriptions(
  name: string,
  subgraphUrl: string,
  { subscriptions, connectTimeoutMs }: Pick<SubgraphOptions, 'subscriptions' | 'connectTimeoutMs'>,
): SubscriptionTransport {
  const given = URL.canParse(subscriptions.url, subgraphUrl)
    ? new URL(subscriptions.url, subgraphUrl)
    : null;
  if (given === null || !/^(https?|wss?):$/.test(given.protocol)) {
    throw new CodedError(
      'CONFIGURATION_INVALID',
      `castellan.config.ts: subscriptions.url of the subgraph "${name}" is no http or ws URL: ${subscriptions.url}`,
    );
  }
  const options = { ...subscriptions, connectTimeoutMs };
  const websocket = createWebSocketTransport(name, withScheme(given, 'ws'), options);
  const sse = createSseTransport(name, withScheme(given, 'http'), options);
  if (subscriptions.protocol !== 'auto') {
    return subscriptions.protocol === 'sse' ? sse : websocket;
  }
  return given.protocol.startsWith('ws')
    ? websocket
    : createNegotiatingTransport({ websocket, sse });
}

function withScheme(url: URL, scheme: 'http' | 'ws'): URL {
  return new URL(url.href.replace(/^(http|ws)/, scheme));
}
