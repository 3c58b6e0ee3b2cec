import type { FastifyInstance } from 'fastify';
import type { Caller } from '#contract/caller.ts';
import { CLIENT_ADDRESS_HEADER } from '#contract/claims.ts';
import type { Clock } from '#contract/clock.ts';
import { CodedError } from '#contract/errors.ts';
import type {
  Credential,
  Elsewhere,
  ForwardedRequest,
  ForwardedResponse,
  Identity,
} from '#contract/identity.ts';
import { LEAKS_PATH, SCANNING_PATTERNS_PATH } from '#contract/leaks.ts';
import { callerOfKey } from './api-keys/caller-of-key.ts';
import type { KeyTexts } from './api-keys/key-texts.ts';
import type { RehashKeys } from './api-keys/rehash-keys.ts';
import { resolveApiKey } from './api-keys/resolve-api-key.ts';
import type { IdentityDatabase } from './database/tables.ts';
import type { KeyUsage } from './key-usage/key-usage.ts';
import type { IdentityEvents } from './log/identity-events.ts';
import { resolveEnvironment } from './policies/resolve-environment.ts';
import { resolveSession, type SessionParts } from './sessions/resolve-session.ts';

export interface LocalIdentityOptions {
  readonly app: FastifyInstance;
  readonly database: IdentityDatabase;
  readonly clock: Clock;
  readonly texts: KeyTexts;
  readonly rehash: RehashKeys;
  readonly usage: KeyUsage;
  readonly sessions: SessionParts;
  readonly events: IdentityEvents;
}

/** The identity of this process: it asks the store itself. */
export function createLocalIdentity(options: LocalIdentityOptions): Identity {
  const { app, database, clock, texts, rehash, usage, sessions, events } = options;

  /** Whoever reads the log to its end tells what is in it. */
  async function lease(): Promise<number> {
    try {
      await events.catchUp();
    } catch (cause) {
      throw new CodedError('IDENTITY_UNAVAILABLE', undefined, { cause });
    }
    return events.sequence;
  }

  async function resolveOne(
    credential: Credential,
    now: number,
    asOfSequence: number,
  ): Promise<Caller | Elsewhere | null> {
    const { kind } = credential;
    if (kind === 'environment') return resolveEnvironment(database, credential, asOfSequence);
    if (kind === 'key') {
      return resolveApiKey({ database, texts, rehash }, credential, now, asOfSequence);
    }
    return resolveSession(sessions, credential, now, asOfSequence);
  }

  return {
    async resolve(credential) {
      // Before the store is read: a change that comes later must not be taken for one that was seen.
      const asOfSequence = events.sequence;
      const now = clock.now();
      try {
        const whose = await resolveOne(credential, now, asOfSequence);
        if (whose === null) return { active: false, asOfSequence };
        return whose.kind === 'elsewhere'
          ? { active: false, asOfSequence, elsewhere: whose }
          : { active: true, caller: whose, asOfSequence };
      } catch (cause) {
        throw new CodedError('IDENTITY_UNAVAILABLE', undefined, { cause });
      }
    },

    async callerOfKey(id, asker) {
      const asOfSequence = events.sequence;
      try {
        return await callerOfKey(database, { id, asker, now: clock.now(), asOfSequence });
      } catch (cause) {
        throw new CodedError('IDENTITY_UNAVAILABLE', undefined, { cause });
      }
    },

    forward: (request) => forward(app, request),
    reportUse: (uses) => usage.record(uses),
    subscribe: (listener, onReset) => events.subscribe(listener, onReset),
    get toldSequence() {
      return events.sequence;
    },
    async toldUpTo(sequence) {
      if (events.sequence < sequence) await lease();
      return events.sequence >= sequence;
    },
    lease,
  };
}

async function forward(
  app: FastifyInstance,
  request: ForwardedRequest,
): Promise<ForwardedResponse> {
  const { method, url, body } = request;
  const isOpen = url === LEAKS_PATH || url === SCANNING_PATTERNS_PATH;
  if (!isOpen && !url.startsWith('/api/auth/')) throw new CodedError('NOT_FOUND');
  const headers = { ...request.headers };
  const address = headers[CLIENT_ADDRESS_HEADER];
  // These speak of the connection that the request came on.
  for (const name of ['connection', 'content-length', 'transfer-encoding']) delete headers[name];
  try {
    const response = await app.inject({
      method: method as 'GET',
      url,
      headers,
      ...(body !== undefined && { payload: Buffer.from(body) }),
      ...(address !== undefined && { remoteAddress: address }),
    });
    return {
      status: response.statusCode,
      headers: Object.fromEntries(
        Object.entries(response.headers).flatMap(([name, value]) =>
          value === undefined ? [] : [[name, typeof value === 'number' ? String(value) : value]],
        ),
      ),
      body: response.rawPayload,
    };
  } catch (cause) {
    throw new CodedError('IDENTITY_UNAVAILABLE', undefined, { cause });
  }
}
