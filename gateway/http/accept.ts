import type { FastifyRequest } from 'fastify';
import { LRUCache } from 'lru-cache';
import Negotiator from 'negotiator';
import type { DeferFormat } from '../execute/incremental-writer.ts';

export type MediaType = 'application/json' | 'application/graphql-response+json';
export type StreamType = 'text/event-stream' | 'multipart/mixed';

/** How the answer of a request goes, by what it turns out to be; null where the client takes none that fits. */
export interface Accept {
  readonly json: MediaType | null;
  /** JSON where that is accepted at all. */
  readonly whole: MediaType | StreamType | null;
  readonly subscription: StreamType | null;
  readonly deferred: { readonly type: StreamType; readonly format: DeferFormat } | null;
}

/** What is offered, with the parameters that clients name the formats of their parts by. */
const offers: Readonly<Record<string, MediaType | StreamType>> = {
  'application/json': 'application/json',
  'application/graphql-response+json': 'application/graphql-response+json',
  'text/event-stream': 'text/event-stream',
  'multipart/mixed;boundary=graphql;deferSpec=20220824': 'multipart/mixed',
  'multipart/mixed;boundary=graphql;incrementalSpec=v0.2': 'multipart/mixed',
  'multipart/mixed;boundary=graphql;subscriptionSpec=1.0': 'multipart/mixed',
  'multipart/mixed;boundary=-;deferSpec=20220824': 'multipart/mixed',
};
const offered = Object.keys(offers);
const ofJson = offered.filter((offer) => offer.startsWith('application/'));
const ofSubscriptions = offered.filter(
  (offer) => offer === 'text/event-stream' || offer.includes('subscriptionSpec'),
);
const ofParts = offered.filter((offer) => /event-stream|deferSpec|incrementalSpec/.test(offer));

const plain: Accept = Object.freeze({
  json: 'application/json',
  whole: 'application/json',
  subscription: 'text/event-stream',
  deferred: null,
});

/** Clients send few different headers; those of someone who makes them up push out one another. */
const known = new LRUCache<string, Accept>({ max: 100, maxSize: 100_000, sizeCalculation: sizeOf });

/** What a client accepts (RFC 9110 §12.5.1; GraphQL over HTTP §6.3). Without a preference it is application/json. */
export function acceptOf({ raw }: FastifyRequest): Accept {
  const { accept } = raw.headers;
  if (accept === undefined || accept === '' || accept === '*/*') return plain;
  let read = known.get(accept);
  if (read === undefined) {
    read = Object.freeze(readAccept(accept));
    known.set(accept, read);
  }
  return read;
}

function readAccept(accept: string): Accept {
  const negotiator = new Negotiator({ headers: { accept } });
  const subscription = negotiator.mediaType([...ofSubscriptions]);
  // An answer in parts is for those who name it: others, who take anything, may not know what that is.
  const takesParts = /multipart\/mixed|text\/event-stream/i.test(accept);
  const parts = takesParts ? negotiator.mediaType([...ofParts]) : undefined;
  const json = negotiator.mediaType([...ofJson]);
  return {
    json: mediaTypeOf(json),
    whole: mediaTypeOf(json) ?? typeOf(negotiator.mediaType([...offered])),
    subscription: streamTypeOf(subscription),
    deferred:
      parts === undefined
        ? null
        : {
            type: streamTypeOf(parts) ?? 'multipart/mixed',
            format: parts.includes('incrementalSpec') ? 'v0.2' : '20220824',
          },
  };
}

function typeOf(offer: string | undefined): MediaType | StreamType | null {
  return offer === undefined ? null : (offers[offer] ?? null);
}

function mediaTypeOf(offer: string | undefined): MediaType | null {
  const type = typeOf(offer);
  return type === 'application/json' || type === 'application/graphql-response+json' ? type : null;
}

function streamTypeOf(offer: string | undefined): StreamType | null {
  const type = typeOf(offer);
  return type === 'text/event-stream' || type === 'multipart/mixed' ? type : null;
}

function sizeOf(_: Accept, header: string): number {
  return header.length;
}
