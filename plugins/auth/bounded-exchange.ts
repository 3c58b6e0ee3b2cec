import type { Pool } from 'undici';
import type { ForwardedRequest, ForwardedResponse } from '#contract/identity.ts';
import { identityUnavailable } from './errors.ts';

/** What an answer may take at most. */
export interface ExchangeBounds {
  readonly timeoutMs: number;
  readonly bytes: number;
}

/**
 * One request to identity and its whole answer, whatever its status.
 * @throws CodedError IDENTITY_UNAVAILABLE when there is none, or it is too long or too late
 */
export async function exchange(
  connections: Pool,
  request: ForwardedRequest,
  bounds: ExchangeBounds,
): Promise<ForwardedResponse> {
  try {
    const { statusCode, headers, body } = await connections.request({
      method: request.method,
      path: request.url,
      headers: { ...request.headers },
      body: request.body ?? null,
      signal: AbortSignal.timeout(bounds.timeoutMs),
    });
    const bytes = await readBounded(body, bounds.bytes);
    return { status: statusCode, headers: definedOnly(headers), body: bytes };
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
