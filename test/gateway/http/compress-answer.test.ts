import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import t from 'tap';
import { request } from 'undici';
import { blog } from '#test/support/blog.ts';
import { startOpenGateway } from '#test/support/open-gateway.ts';

const large = `{"query":"{ echo(value: \\"${'ä'.repeat(9_000)}\\") }"}`;
const small = '{"query":"{ hello }"}';
const unpackers = { gzip: gunzipSync, br: brotliDecompressSync };

interface Received {
  readonly encoding: unknown;
  readonly vary: unknown;
  readonly length: number;
  readonly bytes: Buffer;
}

async function post(url: string, body: string, acceptEncoding?: string): Promise<Received> {
  const { headers, body: answer } = await request(`${url}/graphql`, {
    method: 'POST',
    body,
    headers: {
      'content-type': 'application/json',
      ...(acceptEncoding !== undefined && { 'accept-encoding': acceptEncoding }),
    },
  });
  return {
    encoding: headers['content-encoding'],
    vary: headers.vary,
    length: Number(headers['content-length']),
    bytes: Buffer.from(await answer.arrayBuffer()),
  };
}

t.test('answers are packed when they are large and the client accepts it', async (t) => {
  const gateway = await startOpenGateway(blog);
  t.teardown(() => gateway.close());
  const plain = await post(gateway.url, large);
  t.equal(plain.encoding, undefined);
  t.equal(plain.vary, 'accept-encoding', 'a cache must not give it to others');

  for (const [accept, encoding] of [
    ['gzip', 'gzip'],
    ['br', 'br'],
    ['gzip, deflate, br;q=0.5', 'gzip'],
    ['gzip;q=0.1, br', 'br'],
    ['*', 'br'],
  ] as const) {
    const packed = await post(gateway.url, large, accept);
    t.equal(packed.encoding, encoding, accept);
    t.equal(packed.length, packed.bytes.length);
    t.ok(packed.bytes.length < 1_000);
    t.same(unpackers[encoding](packed.bytes), plain.bytes);
  }
  for (const accept of ['identity', 'gzip;q=0, br;q=0', 'deflate', '', 'zstd']) {
    const unpacked = await post(gateway.url, large, accept);
    t.equal(unpacked.encoding, undefined, accept);
    t.same(unpacked.bytes, plain.bytes);
  }
  const tiny = await post(gateway.url, small, 'gzip');
  t.same([tiny.encoding, tiny.vary], [undefined, undefined], 'a small one goes as it is');
});

t.test('what is packed, and from which size on, are options', async (t) => {
  const gateway = await startOpenGateway(blog, {
    answerCompression: { encodings: ['gzip'], fromBytes: 10 },
  });
  t.teardown(() => gateway.close());
  t.equal((await post(gateway.url, small, 'gzip, br')).encoding, 'gzip');
  t.equal((await post(gateway.url, small, 'br')).encoding, undefined);
  const off = await startOpenGateway(blog, { answerCompression: { encodings: [], fromBytes: 1 } });
  t.teardown(() => off.close());
  const { encoding, vary } = await post(off.url, small, 'gzip, br');
  t.same([encoding, vary], [undefined, undefined]);
});

t.test(
  'an answer that is long and not packed arrives whole, with its length in bytes',
  async (t) => {
    const gateway = await startOpenGateway(blog, {
      answerCompression: { encodings: [], fromBytes: 1 },
    });
    t.teardown(() => gateway.close());
    for (const length of [1_000, 16_383, 40_000]) {
      const value = 'ä€😀'.repeat(length / 4);
      const body = JSON.stringify({
        query: 'query ($v: Anything) { echo(value: $v) }',
        variables: { v: value },
      });
      const { bytes, length: told } = await post(gateway.url, body);
      t.equal(told, bytes.length);
      t.same(JSON.parse(bytes.toString('utf8')), { data: { echo: value } });
    }
  },
);
