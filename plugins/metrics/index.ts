import { CodedError } from '#contract/errors.ts';
import { definePlugin } from '#gateway/plugin.ts';
import { notFromHere, tokenNeeded } from './errors.ts';
import { bringsToken, isLocal } from './may-read.ts';
import { createMeters } from './meters.ts';
import { options } from './options.ts';
import { shareMeters } from './share-meters.ts';

/** What the gateway does, in numbers, at `GET /metrics` for Prometheus. */
export const metrics = definePlugin({
  name: 'metrics',
  options,
  register(app, { access, token, secondsBuckets }) {
    const meters = createMeters(secondsBuckets);
    app.addHook('onClose', async () => meters.registry.clear());
    app.addHook('onResponse', (request, reply, done) => {
      if (request.routeOptions.config.isGraphql === true) meters.response(reply.statusCode);
      done();
    });
    const { castellan } = app;
    meters.countSwaps(castellan.supergraph);
    const read = shareMeters(castellan, meters.registry);
    castellan.addHook('onOperation', ({ kind, code, durationMs }) =>
      meters.operation(kind, code, durationMs),
    );
    castellan.addHook('preValidation', () => meters.newDocument());
    castellan.addHook('onFetch', ({ subgraph }, { error, durationMs, shared }) => {
      if (shared) meters.sharedFetch(subgraph);
      else meters.fetch(subgraph, error === null ? null : codeOf(error), durationMs);
    });

    app.get('/metrics', { config: { public: true } }, async (request, reply) => {
      if (token !== undefined) {
        if (!bringsToken(request.headers.authorization, token)) {
          reply.header('www-authenticate', 'Bearer realm="metrics"');
          throw tokenNeeded();
        }
      } else if (access === 'loopback') {
        const { headers, hostname, socket } = request;
        if (!isLocal({ address: socket.remoteAddress, hostname, headers })) throw notFromHere();
      }
      reply.type(meters.registry.contentType).header('cache-control', 'no-store');
      return read();
    });
  },
});

function codeOf(error: Error): string {
  return error instanceof CodedError ? error.code : 'INTERNAL_SERVER_ERROR';
}
