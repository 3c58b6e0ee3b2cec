import { createHash } from 'node:crypto';
import { CodedError } from '#contract/errors.ts';
import type { SupergraphSource } from './supergraph-source.ts';

export interface UrlSourceOptions {
  /** From the request to the end of the answer. */
  readonly timeoutMs: number;
  /** Bytes of the answer, unpacked. */
  readonly maxBytes: number;
}

/**
 * A supergraph behind an http or https URL. What has an entity tag is asked for with `If-None-Match`
 * (RFC 9110 §13.1.2), so that an unchanged one is not sent again.
 * @throws CodedError CONFIGURATION_INVALID for a URL with a user name or a password in it
 */
export function createUrlSource(text: string, options: UrlSourceOptions): SupergraphSource {
  const url = URL.parse(text);
  if (url === null || url.username !== '' || url.password !== '') {
    throw new CodedError(
      'CONFIGURATION_INVALID',
      '--supergraph must be a file or an http or https URL without a user name and a password',
    );
  }
  // A query string may hold a token.
  const place = url.origin + url.pathname;
  let etag: string | null = null;
  let digest: string | null = null;
  return {
    place,
    async read(signal) {
      try {
        const { status, tag, sdl } = await download(url, etag, options, signal);
        if (status === 304 && etag !== null) return null;
        if (status !== 200) throw new TypeError(`it answers with status ${status}`);
        etag = tag;
        const before = digest;
        digest = createHash('sha256').update(sdl).digest('base64');
        return digest === before ? null : sdl;
      } catch (error) {
        throw new CodedError(
          'SUPERGRAPH_INVALID',
          `${place} cannot be read: ${reasonOf(error, options)}`,
          { cause: error },
        );
      }
    },
  };
}

async function download(
  url: URL,
  etag: string | null,
  { timeoutMs, maxBytes }: UrlSourceOptions,
  signal: AbortSignal | undefined,
): Promise<{ readonly status: number; readonly tag: string | null; readonly sdl: string }> {
  const late = AbortSignal.timeout(timeoutMs);
  const response = await fetch(url, {
    headers: { accept: '*/*', ...(etag !== null && { 'if-none-match': etag }) },
    signal: signal === undefined ? late : AbortSignal.any([signal, late]),
  });
  const { status, headers, body } = response;
  if (status !== 200 || body === null) {
    await body?.cancel();
    return { status, tag: null, sdl: '' };
  }
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  // Leaving the loop cancels the rest.
  for await (const chunk of body) {
    bytes += chunk.byteLength;
    if (bytes > maxBytes) throw new TypeError(`it is larger than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return { status, tag: headers.get('etag'), sdl: Buffer.concat(chunks).toString('utf8') };
}

function reasonOf(error: unknown, { timeoutMs }: UrlSourceOptions): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === 'TimeoutError') return `it does not answer within ${timeoutMs} ms`;
  // Of a connection that failed, fetch says why in the cause only.
  return error.cause instanceof Error ? error.cause.message : error.message;
}
