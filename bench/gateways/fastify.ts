import Fastify from 'fastify';
import type { Gateway } from './gateway.ts';

/** The lowest floor: Fastify reading the request and repeating an answer that it was given. */
export const fastify: Gateway = {
  name: 'fastify',
  dedupe: [false],
  async serve({ answer }) {
    const app = Fastify();
    app.post('/graphql', async (_, reply) => {
      reply.type('application/json; charset=utf-8');
      return answer;
    });
    return `${await app.listen({ host: '127.0.0.1', port: 0 })}/graphql`;
  },
};
