import type { FastifyInstance } from 'fastify';

/** `/health/live`: the process runs. `/health/ready`: it takes requests; 503 from the moment it is told to stop. */
export function registerHealth(app: FastifyInstance): void {
  let stopping = false;
  app.addHook('preClose', async () => {
    stopping = true;
  });
  app.get('/health/live', { config: { public: true } }, () => ({ status: 'ok' }));
  app.get('/health/ready', { config: { public: true } }, (_, reply) => {
    if (stopping) reply.code(503);
    return { status: stopping ? 'stopping' : 'ok' };
  });
}
