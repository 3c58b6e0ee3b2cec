import { promisify } from 'node:util';
import { brotliCompress, brotliDecompress, constants, gunzip, gzip } from 'node:zlib';

export type Encoding = 'gzip' | 'br';

const unpackers = { gzip: promisify(gunzip), br: promisify(brotliDecompress) };
const packers = { gzip: promisify(gzip), br: promisify(brotliCompress) };

/** The encoding that a `content-encoding` header names: null for none, undefined for one that cannot be read. */
export function encodingOf(header: string | undefined): Encoding | null | undefined {
  if (header === undefined) return null;
  switch (header.toLowerCase()) {
    case '':
    case 'identity':
      return null;
    case 'gzip':
    case 'x-gzip':
      return 'gzip';
    case 'br':
      return 'br';
    default:
      return undefined;
  }
}

/**
 * Unpacks on a thread of Node's pool.
 * @throws RangeError with code ERR_BUFFER_TOO_LARGE as soon as it would be more than `maxBytes`
 * @throws Error of zlib when the bytes are not what the encoding says, or end early
 */
export function unpack(encoding: Encoding, bytes: Buffer, maxBytes: number): Promise<Buffer> {
  return unpackers[encoding](bytes, { maxOutputLength: maxBytes });
}

/** Packs on a thread of Node's pool, for speed rather than for size. */
export function pack(encoding: Encoding, text: string): Promise<Buffer> {
  if (encoding === 'gzip') return packers.gzip(text, { level: 4 });
  return packers.br(text, {
    params: {
      [constants.BROTLI_PARAM_MODE]: constants.BROTLI_MODE_TEXT,
      [constants.BROTLI_PARAM_QUALITY]: 3,
    },
  });
}
