import { brotliCompressSync, brotliDecompressSync, gunzipSync, gzipSync } from 'node:zlib';
import t from 'tap';
import { connect, outcomeOf } from './support/connect.ts';
import { answer, fine, startFaultySubgraph } from './support/faulty-subgraph.ts';

t.test('by default nothing is packed, and nothing packed is asked for', async (t) => {
  const { url, received } = await startFaultySubgraph(t, answer(fine));
  const body = `{"query":"{me{id}}","variables":"${'x'.repeat(100_000)}"}`;
  await connect(t, url).call({ body });
  t.equal(received[0]?.headers['accept-encoding'], undefined);
  t.equal(received[0]?.headers['content-encoding'], undefined);
  t.equal(received[0]?.body.toString(), body);
});

t.test('accept asks for packed answers', async (t) => {
  const { url, received } = await startFaultySubgraph(t, answer(fine));
  await connect(t, url, { compression: { accept: ['br', 'gzip'] } }).call();
  t.equal(received[0]?.headers['accept-encoding'], 'br, gzip');
});

const packedAnswers = {
  gzip: gzipSync(fine),
  'x-gzip': gzipSync(fine),
  GZIP: gzipSync(fine),
  br: brotliCompressSync(fine),
  identity: Buffer.from(fine),
};
for (const [encoding, packed] of Object.entries(packedAnswers)) {
  t.test(`an answer in ${encoding} is read, asked for or not`, async (t) => {
    const { url } = await startFaultySubgraph(
      t,
      answer(packed, 200, { 'content-encoding': encoding }),
    );
    t.same(await outcomeOf(connect(t, url).call()), { me: { id: '1' } });
  });
}

const unpackers = { gzip: gunzipSync, br: brotliDecompressSync };
for (const [requests, unpack] of Object.entries(unpackers)) {
  t.test(`requests are packed with ${requests} from requestsFromBytes on`, async (t) => {
    const { url, received } = await startFaultySubgraph(t, answer(fine));
    const { call } = connect(t, url, {
      compression: { requests: requests as 'gzip' | 'br', requestsFromBytes: 50 },
    });
    const large = `{"query":"{me{id}}","variables":"${'ü'.repeat(50)}"}`;
    await call({ body: large });
    await call({ body: '{"query":"{me{id}}"}' });
    const [first, second] = received;
    t.equal(first?.headers['content-encoding'], requests);
    t.equal(unpack(first?.body ?? '').toString(), large);
    t.equal(Number(first?.headers['content-length']), first?.body.length);
    t.equal(second?.headers['content-encoding'], undefined);
    t.equal(second?.body.toString(), '{"query":"{me{id}}"}');
  });
}
