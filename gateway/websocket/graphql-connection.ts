import { randomUUID } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { CloseCode, type Message, MessageType, parseMessage } from 'graphql-ws';
import type { WebSocket } from 'ws';
import type { Caller } from '#contract/caller.ts';
import type { Clock } from '#contract/clock.ts';
import { CodedError } from '#contract/errors.ts';
import { Departure } from '../departure.ts';
import type { HookLists, RequestContext } from '../hooks.ts';
import { errorsOf, knownErrorOf } from '../http/error-reply.ts';
import type { Answer, Delivery, Responder } from '../respond.ts';
import { KeepAlive, type KeepAliveOptions } from './keep-alive.ts';
import type { LiveConnection } from './live-connection.ts';

export interface ConnectionOptions extends KeepAliveOptions {
  readonly connectionInitTimeoutMs: number;
  readonly maxOperationsPerConnection: number;
}

export interface ConnectionParts {
  readonly respond: Responder;
  readonly hooks: HookLists;
  /** The caller of a connection for which no hook has said who it is. */
  readonly defaultCaller: Caller;
  readonly clock: Clock;
  readonly options: ConnectionOptions;
}

type Subscribe = Extract<Message, { type: MessageType.Subscribe }>;

const delivery: Delivery = { mutations: true, subscriptions: true, defer: '20220824' };
const GOING_AWAY = 1001;

/**
 * A client's connection that speaks graphql-transport-ws. Messages and close codes are those of the `graphql-ws`
 * package; answers go out as the JSON texts they are, each when the one before it has been taken.
 */
export class GraphqlConnection implements LiveConnection {
  readonly #socket: WebSocket;
  readonly #request: FastifyRequest;
  readonly #reply: FastifyReply;
  readonly #parts: ConnectionParts;
  readonly #keepAlive: KeepAlive;
  readonly #initTimer: NodeJS.Timeout;
  readonly #ended = new AbortController();
  /** Those that are under way; who leaves one ends what is still coming of it. */
  readonly #operations = new Map<string, Departure>();
  /** Those that the client has left too, until they are over. */
  #running = 0;
  #isInitialized = false;
  #isFinishing = false;
  #caller: Caller | null = null;

  constructor(
    socket: WebSocket,
    { request, reply }: { readonly request: FastifyRequest; readonly reply: FastifyReply },
    parts: ConnectionParts,
  ) {
    this.#socket = socket;
    this.#request = request;
    this.#reply = reply;
    this.#parts = parts;
    this.#keepAlive = new KeepAlive(socket, request.raw.socket, parts.options);
    this.#initTimer = setTimeout(() => {
      if (!this.#isInitialized) {
        this.#close(CloseCode.ConnectionInitialisationTimeout, 'Connection initialisation timeout');
      }
    }, parts.options.connectionInitTimeoutMs);
    this.#initTimer.unref();
    socket.on('message', (data, isBinary) => {
      this.#keepAlive.holdBack();
      if (this.#isOpen) this.#receive(isBinary ? null : String(data));
    });
    socket.once('close', () => this.#cleanUp());
  }

  get ended(): AbortSignal {
    return this.#ended.signal;
  }

  end(reason: CodedError): void {
    if (!this.#isOpen) return;
    for (const [id, operation] of this.#operations) {
      operation.leave();
      this.#sendErrors(id, reason);
    }
    this.#operations.clear();
    this.#close(4000 + reason.statusCode, `${reason.code}: ${reason.message}`);
  }

  /** Begins no operation any more, and closes when those that are under way are over. Settles when it is closed. */
  async finish(): Promise<void> {
    this.#isFinishing = true;
    const closed = new Promise<void>((resolve) => {
      if (this.ended.aborted) resolve();
      else this.ended.addEventListener('abort', () => resolve(), { once: true });
    });
    this.#closeIfFinished();
    await closed;
  }

  get #isOpen(): boolean {
    return this.#socket.readyState === this.#socket.OPEN;
  }

  #receive(text: string | null): void {
    let message: Message;
    try {
      message = parseMessage(text);
    } catch {
      // What is wrong with it would be told in words of the client's own.
      this.#close(CloseCode.BadRequest, 'Invalid message received');
      return;
    }
    switch (message.type) {
      case MessageType.ConnectionInit:
        if (this.#isInitialized) {
          const reason = 'Too many initialisation requests';
          this.#close(CloseCode.TooManyInitialisationRequests, reason);
          return;
        }
        this.#isInitialized = true;
        void this.#initialize(message.payload ?? {});
        return;
      case MessageType.Ping: {
        const { payload } = message;
        void this.#send(JSON.stringify({ type: MessageType.Pong, ...(payload && { payload }) }));
        return;
      }
      case MessageType.Pong:
        return;
      case MessageType.Subscribe:
        this.#subscribe(message);
        return;
      case MessageType.Complete:
        this.#operations.get(message.id)?.leave();
        this.#operations.delete(message.id);
        return;
      default:
        this.#close(CloseCode.BadRequest, 'Only a server sends this message');
    }
  }

  async #initialize(payload: Readonly<Record<string, unknown>>): Promise<void> {
    const { hooks, defaultCaller } = this.#parts;
    try {
      let caller: Caller | undefined;
      for (const hook of hooks.onConnectionInit ?? []) {
        caller ??= await hook(this, payload, this.#request);
      }
      if (!this.#isOpen) return;
      this.#caller = this.#request.caller = caller ?? defaultCaller;
      await this.#send(JSON.stringify({ type: MessageType.ConnectionAck }));
    } catch (error) {
      this.end(this.#knownErrorOf(error));
    }
  }

  #subscribe({ id, payload }: Subscribe): void {
    const caller = this.#caller;
    if (caller === null) {
      this.#close(CloseCode.Unauthorized, 'Unauthorized');
      return;
    }
    if (caller.expiresAt !== null && this.#parts.clock.now() >= caller.expiresAt) {
      this.end(new CodedError('UNAUTHENTICATED'));
      return;
    }
    if (this.#operations.has(id)) {
      this.#close(CloseCode.SubscriberAlreadyExists, 'Subscriber for this id already exists');
      return;
    }
    const { maxOperationsPerConnection: max } = this.#parts.options;
    if (this.#isFinishing) this.#sendErrors(id, new CodedError('SHUTTING_DOWN'));
    else if (this.#running >= max) {
      const message = `This connection has ${max} operations already (maxOperationsPerConnection)`;
      this.#sendErrors(id, new CodedError('OVERLOADED', message));
    } else {
      void this.#run(id, payload, caller);
    }
  }

  async #run(id: string, payload: Subscribe['payload'], caller: Caller): Promise<void> {
    const operation = new Departure();
    this.#operations.set(id, operation);
    this.#running += 1;
    try {
      const answer = await this.#answer(payload, caller, operation);
      if (answer.kind === 'whole') {
        if (!operation.hasLeft) await this.#sendNext(id, answer.take());
      } else {
        const { payloads } = answer;
        operation.onLeave(() => void payloads.return());
        for await (const text of payloads) {
          if (operation.hasLeft) break;
          await this.#sendNext(id, text);
        }
      }
      if (!operation.hasLeft) await this.#send(JSON.stringify({ id, type: MessageType.Complete }));
    } catch (error) {
      const known = this.#knownErrorOf(error);
      if (!operation.hasLeft) await this.#sendErrors(id, known);
    } finally {
      // The client may have left it and given its id to another one.
      if (this.#operations.get(id) === operation) this.#operations.delete(id);
      this.#running -= 1;
      this.#closeIfFinished();
    }
  }

  async #answer(
    payload: Subscribe['payload'],
    caller: Caller,
    departure: Departure,
  ): Promise<Answer> {
    const { respond, hooks } = this.#parts;
    // A request of its own, with the id that its calls and their trace are known by.
    const request: FastifyRequest = Object.create(this.#request, { id: { value: randomUUID() } });
    const context: RequestContext = {
      request,
      reply: this.#reply,
      caller,
      departure,
      errors: null,
    };
    const { query, variables, operationName, extensions = null } = payload;
    let source = query;
    if (hooks.onParameters !== null) {
      const { documentId } = payload as { readonly documentId?: unknown };
      const parameters = { query, extensions, documentId };
      for (const hook of hooks.onParameters) await hook(parameters, context);
      source = parameters.query;
    }
    if (source === '') throw new CodedError('BAD_REQUEST', 'The request has no query');
    return respond({ source, variables, operationName }, context, delivery);
  }

  #sendNext(id: string, text: string): Promise<void> {
    return this.#send(
      `{"id":${JSON.stringify(id)},"type":"${MessageType.Next}","payload":${text}}`,
    );
  }

  #sendErrors(id: string, error: CodedError): Promise<void> {
    return this.#send(JSON.stringify({ id, type: MessageType.Error, payload: errorsOf(error) }));
  }

  /** Settles when it is on its way, or the connection has closed. */
  #send(text: string): Promise<void> {
    return new Promise((resolve) => {
      if (!this.#isOpen) resolve();
      // What cannot be sent any more is told by the close that follows.
      else this.#socket.send(text, () => resolve());
    });
  }

  #knownErrorOf(error: unknown): CodedError {
    const known = knownErrorOf(error);
    if (known.code === 'INTERNAL_SERVER_ERROR') {
      this.#request.log.error({ err: error }, 'an operation over a WebSocket failed');
    }
    return known;
  }

  #closeIfFinished(): void {
    if (this.#isFinishing && this.#running === 0) this.#close(GOING_AWAY, 'SHUTTING_DOWN');
  }

  #close(code: number, reason: string): void {
    this.#leaveAll();
    if (this.#isOpen) this.#socket.close(code, withinFrame(reason));
  }

  #leaveAll(): void {
    for (const operation of this.#operations.values()) operation.leave();
    this.#operations.clear();
  }

  #cleanUp(): void {
    clearTimeout(this.#initTimer);
    this.#keepAlive.stop();
    this.#leaveAll();
    this.#ended.abort();
  }
}

/** A close frame has room for 123 bytes (RFC 6455 §5.5). */
function withinFrame(reason: string): string {
  return Buffer.byteLength(reason) <= 123 ? reason : reason.slice(0, 40);
}
