import { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';
import type { Payloads } from '../payloads.ts';
import type { Answer } from '../respond.ts';
import type { Accept } from './accept.ts';
import { errorsOf, knownErrorOf } from './error-reply.ts';
import { eventStream, eventStreamHeaders } from './event-stream.ts';
import { deferredParts, incrementalParts, subscriptionParts } from './multipart.ts';

/** How payloads are written on the wire. */
export interface Framing {
  readonly begin: string;
  write(payload: string): string;
  /** Says why the payloads end before their time. */
  fail(errors: string): string;
  readonly end: string;
  readonly heartbeat: string;
}

/** The body of an answer with several payloads, its headers set on the reply. */
export function streamAnswer(
  reply: FastifyReply,
  { kind, payloads }: Exclude<Answer, { kind: 'whole' }>,
  accept: Accept,
  heartbeatSeconds: number,
): Readable {
  const type = kind === 'subscription' ? accept.subscription : accept.deferred?.type;
  const isIncremental = kind === 'deferred' && accept.deferred?.format === 'v0.2';
  let framing: Framing = eventStream;
  if (type === 'multipart/mixed') {
    const parts =
      kind === 'subscription'
        ? subscriptionParts
        : isIncremental
          ? incrementalParts
          : deferredParts;
    reply.header('content-type', parts.contentType).header('cache-control', 'no-cache');
    framing = parts;
  } else {
    reply.headers(eventStreamHeaders);
  }
  const describe = (error: unknown): string => {
    const known = knownErrorOf(error);
    if (known.code === 'INTERNAL_SERVER_ERROR') {
      reply.log.error({ err: error }, 'an answer with several payloads failed');
    }
    return JSON.stringify(errorsOf(known));
  };
  // An answer in parts ends by itself, and none of its parts may come before the first.
  const heartbeatMs = kind === 'subscription' ? heartbeatSeconds * 1_000 : null;
  return new PayloadStream(payloads, framing, describe, heartbeatMs);
}

/** Asks for a payload when the client has taken those before, and leaves when the client does. */
class PayloadStream extends Readable {
  readonly #payloads: Payloads;
  readonly #framing: Framing;
  readonly #describe: (error: unknown) => string;
  readonly #heart: NodeJS.Timeout | undefined;
  #isAsking = false;

  constructor(
    payloads: Payloads,
    framing: Framing,
    describe: (error: unknown) => string,
    heartbeatMs: number | null,
  ) {
    super();
    this.#payloads = payloads;
    this.#framing = framing;
    this.#describe = describe;
    if (heartbeatMs !== null) {
      this.#heart = setInterval(() => {
        // A client that does not take what there is needs no sign of life.
        if (this.readableLength === 0) this.push(framing.heartbeat);
      }, heartbeatMs);
      this.#heart.unref();
    }
    this.push(framing.begin);
  }

  override _read(): void {
    if (this.#isAsking) return;
    this.#isAsking = true;
    this.#payloads.next().then(
      ({ done, value }) => {
        this.#isAsking = false;
        if (done) this.#finish('');
        else this.push(this.#framing.write(value));
      },
      (error: unknown) => this.#finish(this.#framing.fail(this.#describe(error))),
    );
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    clearInterval(this.#heart);
    this.#payloads.return().then(() => done(error), done);
  }

  #finish(last: string): void {
    clearInterval(this.#heart);
    if (this.destroyed) return;
    this.push(last + this.#framing.end);
    this.push(null);
  }
}
