import Fastify from 'fastify';
import { type Dispatcher, Pool } from 'undici';
import type { Gateway } from './gateway.ts';

/** A floor: Fastify and undici passing one call on, unread, to a server that knows the whole answer. */
export const relay: Gateway = {
  name: 'relay',
  dedupe: [false],
  async serve({ urls }) {
    const { origin, pathname: path } = new URL(urls.whole ?? '');
    const pool = new Pool(origin, { connections: 100 });
    const headers = { 'content-type': 'application/json' };
    const send = (body: Buffer): Promise<Buffer> =>
      new Promise((resolve, reject) => {
        pool.dispatch({ method: 'POST', path, headers, body }, collect(resolve, reject));
      });
    const app = Fastify();
    app.removeAllContentTypeParsers();
    app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_, body, done) =>
      done(null, body),
    );
    app.post<{ Body: Buffer }>('/graphql', async (request, reply) => {
      reply.type('application/json; charset=utf-8');
      return send(request.body);
    });
    return `${await app.listen({ host: '127.0.0.1', port: 0 })}/graphql`;
  },
};

/** The least that undici can do: no streams. */
function collect(
  resolve: (body: Buffer) => void,
  reject: (error: Error) => void,
): Dispatcher.DispatchHandler {
  const chunks: Buffer[] = [];
  return {
    onRequestStart() {},
    onResponseStart() {},
    onResponseData: (_, chunk) => void chunks.push(chunk),
    onResponseEnd: () => resolve(Buffer.concat(chunks)),
    onResponseError: (_, error) => reject(error),
  };
}
