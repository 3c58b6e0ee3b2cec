import type { FastifyReply, FastifyRequest, onSendHookHandler } from 'fastify';
import Negotiator from 'negotiator';
import { type Encoding, pack } from '../subgraph-client/compression.ts';

export interface AnswerCompression {
  readonly encodings: readonly Encoding[];
  readonly fromBytes: number;
}

/**
 * Packs the answers that are worth it, when the client accepts that (RFC 9110 §12.5.3), on a thread of Node's
 * pool. A small answer costs one comparison.
 */
export function compressAnswer({
  encodings,
  fromBytes,
}: AnswerCompression): onSendHookHandler<unknown> {
  const offered = [...encodings, 'identity'];
  const atLeast = encodings.length === 0 ? Number.POSITIVE_INFINITY : fromBytes;
  return (request, reply, payload, done) => {
    // A text has at least as many bytes as characters; what is no text streams, or is packed already.
    if (typeof payload !== 'string' || payload.length < atLeast) {
      done(null, payload);
      return;
    }
    // For a cache between here and the client, whether or not this client accepts anything.
    varyByEncoding(reply);
    const encoding = acceptedEncoding(request, encodings, offered);
    if (encoding === undefined) {
      done(null, payload);
      return;
    }
    pack(encoding, payload).then((packed) => {
      reply.header('content-encoding', encoding).removeHeader('content-length');
      done(null, packed);
    }, done);
  };
}

function acceptedEncoding(
  { raw }: FastifyRequest,
  encodings: readonly Encoding[],
  offered: string[],
): Encoding | undefined {
  if (raw.headers['accept-encoding'] === undefined) return undefined;
  const preferred = new Negotiator(raw).encoding(offered);
  return encodings.find((encoding) => encoding === preferred);
}

function varyByEncoding(reply: FastifyReply): void {
  const present = reply.getHeader('vary');
  const names = present === undefined ? [] : [String(present)];
  reply.header('vary', [...names, 'accept-encoding'].join(', '));
}
