import { randomBytes } from 'node:crypto';
import { Pool } from 'undici';
import type { Caller } from '#contract/caller.ts';
import type {
  Credential,
  ForwardedRequest,
  ForwardedResponse,
  Identity,
  KeyAnswer,
  Resolution,
} from '#contract/identity.ts';
import {
  decodeKeyAnswer,
  decodeResolution,
  encodeKeyQuestion,
  KEY_INTROSPECTION_PATH,
} from '#contract/introspection.ts';
import type { KeyUse } from '#contract/key-use.ts';
import { type ExchangeBounds, exchange } from './bounded-exchange.ts';
import { configurationInvalid, identityUnavailable } from './errors.ts';
import { EventFeed } from './event-feed.ts';

export interface HttpIdentityOptions {
  /** Where the identity service listens, with or without a path. */
  readonly url: string;
  /** The secret that gateways and identity share; it goes along with every question. */
  readonly secret: string;
  readonly lookupTimeoutMs: number;
  readonly forwardTimeoutMs: number;
  /** How long a lease lasts: what is answered later is of no use. */
  readonly leaseSeconds: number;
  /** Told once of each time in which the feed of events is away. */
  readonly onFeedFailure: (error: unknown) => void;
}

export interface HttpIdentity extends Identity {
  /** Forgets where its feed of events was: the next that it tells is a reset. */
  restartFeed(): void;
  /** Closes the connections, after what is under way has ended. */
  close(): Promise<void>;
}

const MAX_CONNECTIONS = 64;
const MAX_RESOLUTION_BYTES = 64 * 1_024;
const MAX_FORWARDED_BYTES = 1_024 * 1_024;
const MAX_LEASE_BYTES = 1_024;
const FEED_CONNECT_MS = 2_000;
/** Three heartbeats: a feed that is silent for longer is not connected to anybody. */
const FEED_SILENCE_MS = 15_000;

/**
 * An identity service, asked over HTTP: `POST /introspect` (RFC 7662), `/api/*` passed on, uses told to
 * `POST /uses`, events from `GET /events` and leases from `POST /lease`, which has connections of its own.
 *
 * Whatever is not a proper answer (another status, another shape, too long, too late) is IDENTITY_UNAVAILABLE.
 * @throws CodedError CONFIGURATION_INVALID when URL or secret cannot be used, without repeating them
 */
export function createHttpIdentity(options: HttpIdentityOptions): HttpIdentity {
  const base = readBase(options.url);
  const authorization = `Bearer ${readSecret(options.secret)}`;
  const pool = new Pool(base.origin, { connections: MAX_CONNECTIONS });
  // Neither waits behind look-ups, and the feed is never done.
  const leasePool = new Pool(base.origin, { connections: 3 });
  const feedPool = new Pool(base.origin, {
    connections: 2,
    connect: { timeout: FEED_CONNECT_MS },
    headersTimeout: FEED_CONNECT_MS,
    bodyTimeout: FEED_SILENCE_MS,
  });
  const path = base.pathname.replace(/\/$/, '');
  const feed = new EventFeed({ open: openFeed, onFailure: options.onFeedFailure });

  async function openFeed(
    lastEventId: string | null,
    signal: AbortSignal,
  ): Promise<AsyncIterable<Uint8Array>> {
    const { statusCode, body } = await feedPool.request({
      method: 'GET',
      path: `${path}/events`,
      headers: {
        authorization,
        accept: 'text/event-stream',
        ...(lastEventId !== null && { 'last-event-id': lastEventId }),
      },
      signal,
    });
    if (statusCode === 200) return body;
    // What is given up before its end says so, to whoever listens.
    body.on('error', () => undefined).destroy();
    throw new Error(`the feed of identity events was answered with ${statusCode}`);
  }

  const ask = (
    request: ForwardedRequest,
    bounds: ExchangeBounds,
    connections: Pool = pool,
  ): Promise<ForwardedResponse> =>
    exchange(connections, { ...request, url: path + request.url }, bounds);

  async function resolve(credential: Credential): Promise<Resolution> {
    const { kind, text, inEnvironment, inProject } = credential;
    const form = new URLSearchParams({ token: text, token_type_hint: kind });
    if (inEnvironment !== undefined) form.set('environment', inEnvironment);
    if (inProject !== undefined) form.set('project', inProject);
    const response = await ask(
      {
        method: 'POST',
        url: '/introspect',
        headers: {
          authorization,
          accept: 'application/json',
          'content-type': 'application/x-www-form-urlencoded',
        },
        body: Buffer.from(form.toString()),
      },
      { timeoutMs: options.lookupTimeoutMs, bytes: MAX_RESOLUTION_BYTES },
    );
    if (response.status !== 200) {
      throw identityUnavailable(new Error(`introspection was answered with ${response.status}`));
    }
    const { in_environment, in_project, ...answer } = parseObject(response.body);
    const resolution = decodeResolution(answer);
    const isThere = in_environment === inEnvironment && in_project === inProject;
    if (resolution === null || !isThere || !isAbout(resolution, credential)) {
      throw identityUnavailable(new Error('introspection was answered with something else'));
    }
    return resolution;
  }

  async function callerOfKey(id: string, asker: Caller): Promise<KeyAnswer> {
    const response = await ask(
      {
        method: 'POST',
        url: KEY_INTROSPECTION_PATH,
        headers: {
          authorization,
          accept: 'application/json',
          'content-type': 'application/json',
        },
        body: Buffer.from(encodeKeyQuestion({ id, asker })),
      },
      { timeoutMs: options.lookupTimeoutMs, bytes: MAX_RESOLUTION_BYTES },
    );
    const answer = response.status === 200 ? decodeKeyAnswer(parseJson(response.body), id) : null;
    if (answer === null) {
      throw identityUnavailable(
        new Error(`a question about a key was answered with ${response.status}`),
      );
    }
    return answer;
  }

  async function reportUse(uses: readonly KeyUse[]): Promise<void> {
    const response = await ask(
      {
        method: 'POST',
        url: '/uses',
        headers: { authorization, 'content-type': 'application/json' },
        body: Buffer.from(JSON.stringify(uses)),
      },
      { timeoutMs: options.lookupTimeoutMs, bytes: MAX_RESOLUTION_BYTES },
    );
    if (response.status === 204) return;
    throw identityUnavailable(new Error(`a report of uses was answered with ${response.status}`));
  }

  async function lease(): Promise<number> {
    // Made anew each time: an answer that somebody in between had kept would have another one.
    const nonce = randomBytes(16).toString('hex');
    const response = await ask(
      {
        method: 'POST',
        url: `/lease?nonce=${nonce}`,
        headers: { authorization, accept: 'application/json' },
      },
      { timeoutMs: options.leaseSeconds * 1_000, bytes: MAX_LEASE_BYTES },
      leasePool,
    );
    const sequence = response.status === 200 ? readLease(response.body, nonce) : null;
    if (sequence === null) {
      throw identityUnavailable(new Error(`a lease was answered with ${response.status}`));
    }
    void feed.expect(sequence);
    return sequence;
  }

  return {
    resolve,
    callerOfKey,
    reportUse,
    lease,
    forward: (request) =>
      ask(
        // By the secret identity knows that the client's address in these headers is true.
        { ...request, headers: { ...request.headers, authorization } },
        { timeoutMs: options.forwardTimeoutMs, bytes: MAX_FORWARDED_BYTES },
      ),
    subscribe: (listener, onReset) => feed.subscribe(listener, onReset),
    get toldSequence() {
      return feed.told;
    },
    toldUpTo: (sequence, limitMs) => feed.toldUpTo(sequence, limitMs),
    restartFeed: () => feed.restart(),
    async close() {
      feed.close();
      await Promise.all([pool.close(), leasePool.close(), feedPool.destroy()]);
    },
  };
}

/** Nobody becomes anybody, or the other way round, by an answer to another question. */
function isAbout(resolution: Resolution, { kind, text, inProject }: Credential): boolean {
  if (!resolution.active) return true;
  const { caller } = resolution;
  const isAnybody = caller.kind === 'anonymous';
  if (kind !== 'environment') return !isAnybody;
  // In a project it may be there by its name.
  const isThere =
    inProject === undefined ? caller.environment === text : caller.project === inProject;
  return isAnybody && isThere;
}

/** The number in the answer to this nonce; null when it is no such answer. */
function readLease(body: Uint8Array, nonce: string): number | null {
  const answer = parseJson(body);
  if (typeof answer !== 'object' || answer === null) return null;
  const { nonce: answered, sequence } = answer as Partial<Record<string, unknown>>;
  if (answered !== nonce || !Number.isSafeInteger(sequence)) return null;
  return Number(sequence);
}

function parseObject(bytes: Uint8Array): Readonly<Record<string, unknown>> {
  const value = parseJson(bytes);
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch {
    // The parser's message quotes what it read; null is not a resolution either.
    return null;
  }
}

function readBase(url: string): URL {
  const base = URL.canParse(url) ? new URL(url) : null;
  if (base === null || (base.protocol !== 'http:' && base.protocol !== 'https:')) {
    throw configurationInvalid('IDENTITY_URL is not an http or https URL');
  }
  if (base.username !== '' || base.password !== '' || base.search !== '' || base.hash !== '') {
    throw configurationInvalid('IDENTITY_URL must have no user, password, query or fragment');
  }
  return base;
}

function readSecret(secret: string): string {
  if (!/^[\x21-\x7e]{16,}$/.test(secret)) {
    throw configurationInvalid('IDENTITY_SECRET must be at least 16 printable characters');
  }
  return secret;
}
