import { Pool } from 'undici';
import type {
  Credential,
  ForwardedRequest,
  ForwardedResponse,
  Identity,
  Resolution,
} from '#contract/identity.ts';
import { decodeResolution } from '#contract/introspection.ts';
import type { KeyUse } from '#contract/key-use.ts';
import { configurationInvalid, identityUnavailable } from './errors.ts';

export interface HttpIdentityOptions {
  /** Where the identity service listens, with or without a path. */
  readonly url: string;
  /** The secret that gateways and identity share; it goes along with every question. */
  readonly secret: string;
  readonly lookupTimeoutMs: number;
  readonly forwardTimeoutMs: number;
}

export interface HttpIdentity extends Identity {
  /** Closes the connections, after what is under way has ended. */
  close(): Promise<void>;
}

const MAX_CONNECTIONS = 64;
const MAX_RESOLUTION_BYTES = 64 * 1_024;
const MAX_FORWARDED_BYTES = 1_024 * 1_024;

/**
 * An identity service, asked over HTTP: `POST /introspect` (RFC 7662), `POST /uses`, and `/api/*` passed on.
 *
 * Whatever is not a proper answer (another status, another shape, too long, too late) is IDENTITY_UNAVAILABLE.
 * There are no events yet: `subscribe` listens to nothing, and callers must not be believed for long.
 * @throws CodedError CONFIGURATION_INVALID when URL or secret cannot be used, without repeating them
 */
export function createHttpIdentity(options: HttpIdentityOptions): HttpIdentity {
  const base = readBase(options.url);
  const authorization = `Bearer ${readSecret(options.secret)}`;
  const pool = new Pool(base.origin, { connections: MAX_CONNECTIONS });
  const path = base.pathname.replace(/\/$/, '');

  async function exchange(
    request: ForwardedRequest,
    limits: { timeoutMs: number; bytes: number },
  ): Promise<ForwardedResponse> {
    const { statusCode, headers, body } = await pool.request({
      method: request.method,
      path: path + request.url,
      headers: { ...request.headers },
      body: request.body ?? null,
      signal: AbortSignal.timeout(limits.timeoutMs),
    });
    const bytes = await readBounded(body, limits.bytes);
    return { status: statusCode, headers: definedOnly(headers), body: bytes };
  }

  async function resolve(credential: Credential): Promise<Resolution> {
    const form = new URLSearchParams({ token: credential.text, token_type_hint: credential.kind });
    const response = await attempt(() =>
      exchange(
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
      ),
    );
    if (response.status !== 200) {
      throw identityUnavailable(new Error(`introspection was answered with ${response.status}`));
    }
    const resolution = decodeResolution(parseJson(response.body));
    if (resolution === null) {
      throw identityUnavailable(new Error('introspection was answered with something else'));
    }
    return resolution;
  }

  async function reportUse(uses: readonly KeyUse[]): Promise<void> {
    const response = await attempt(() =>
      exchange(
        {
          method: 'POST',
          url: '/uses',
          headers: { authorization, 'content-type': 'application/json' },
          body: Buffer.from(JSON.stringify(uses)),
        },
        { timeoutMs: options.lookupTimeoutMs, bytes: MAX_RESOLUTION_BYTES },
      ),
    );
    if (response.status === 204) return;
    throw identityUnavailable(new Error(`a report of uses was answered with ${response.status}`));
  }

  return {
    resolve,
    reportUse,
    forward: (request) =>
      attempt(() =>
        exchange(
          // By the secret identity knows that the client's address in these headers is true.
          { ...request, headers: { ...request.headers, authorization } },
          { timeoutMs: options.forwardTimeoutMs, bytes: MAX_FORWARDED_BYTES },
        ),
      ),
    subscribe: () => () => undefined,
    close: () => pool.close(),
  };
}

async function attempt<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw identityUnavailable(error);
  }
}

/** The whole of an answer. @throws Error when it is longer than `limit` bytes */
export async function readBounded(
  body: AsyncIterable<Uint8Array>,
  limit: number,
): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body) {
    length += chunk.length;
    // Leaving the loop destroys the stream, and with it the connection.
    if (length > limit) throw new Error(`the answer is longer than ${limit} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function definedOnly(
  headers: Readonly<Record<string, string | string[] | undefined>>,
): Record<string, string | readonly string[]> {
  const defined: Record<string, string | readonly string[]> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) defined[name] = value;
  }
  return defined;
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
