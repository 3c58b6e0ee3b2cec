import { once } from 'node:events';
import { request } from 'node:http';
import { PassThrough, Readable } from 'node:stream';
import Fastify from 'fastify';
import { pino } from 'pino';
import t from 'tap';
import { replyWithError } from '#gateway/http/error-reply.ts';

t.test('a client that leaves before its stream has begun is no error', async (t) => {
  const log = new PassThrough({ encoding: 'utf8' });
  const app = Fastify({ loggerInstance: pino({ level: 'debug' }, log) });
  app.setErrorHandler(replyWithError);
  const streams: Readable[] = [];
  app.post('/', async ({ raw }) => {
    const left = once(raw.socket, 'close');
    client.destroy();
    await left;
    const stream = new Readable({ read: () => undefined });
    streams.push(stream);
    return stream;
  });
  t.teardown(() => app.close());
  const client = request(await app.listen({ host: '127.0.0.1', port: 0 }), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
  });
  client.on('error', () => undefined);
  client.end('{}');
  for await (const line of log) {
    t.notMatch(line, 'a request failed');
    if (String(line).includes('a client left')) break;
    if (String(line).includes('a request failed')) break;
  }
  t.equal(streams[0]?.destroyed, true);
});
