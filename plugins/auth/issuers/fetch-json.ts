import type { Dispatcher } from 'undici';
import { readBounded } from '../bounded-exchange.ts';

export interface JsonRequest {
  readonly method: 'GET' | 'POST';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly maxBytes: number;
  readonly signal: AbortSignal;
}

/**
 * The JSON object behind a URL. Redirects are not followed: who answers is who was asked.
 * @throws Error for another status than 200, an answer that is too long or no JSON object, and whatever the connection
 * throws; it quotes neither the request nor the answer
 */
export async function fetchJson(
  dispatcher: Dispatcher,
  url: URL,
  { method, headers, body, maxBytes, signal }: JsonRequest,
): Promise<Readonly<Record<string, unknown>>> {
  const place = url.origin + url.pathname;
  const answer = await dispatcher.request({
    origin: url.origin,
    path: url.pathname + url.search,
    method,
    headers: { accept: 'application/json', ...headers },
    body: body ?? null,
    signal,
  });
  if (answer.statusCode !== 200) {
    // Reads what is short, and hangs up on what is not, so that the connection is free again.
    await answer.body.dump({ limit: 16_384 });
    throw new Error(`${place} answered with status ${answer.statusCode}`);
  }
  const json = parse(await readBounded(answer.body, maxBytes));
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    throw new Error(`${place} answered with something else than a JSON object`);
  }
  return json as Readonly<Record<string, unknown>>; // an object, and nothing is known of its members
}

function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch {
    // The parser's message quotes what it read.
    return null;
  }
}
