import { createHash } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import Negotiator from 'negotiator';
import { CodedError } from '#contract/errors.ts';
import { definePlugin } from '#gateway/plugin.ts';
import { type Bundle, loadBundle, plainBody } from './bundle.ts';
import { options } from './options.ts';
import { ASSETS, contentSecurityPolicy, pageHtml } from './page.ts';

const YEAR_SECONDS = 31_536_000;

/** Serves the GraphiQL page and all that it loads from this gateway alone. */
export const graphiql = definePlugin({
  name: 'graphiql',
  options,
  register(app, settings) {
    if (!settings.enabled) return;
    const bundle = once(loadBundle);
    const route = { config: { public: true } };

    const page = async (request: FastifyRequest, reply: FastifyReply) => {
      const made = await bundle();
      if (made === null) return refuse(request, reply);
      const html = pageHtml(settings, made.entries);
      setCommonHeaders(reply)
        .header('content-security-policy', contentSecurityPolicy)
        .header('x-frame-options', 'DENY')
        .header('referrer-policy', 'no-referrer')
        .header('cross-origin-opener-policy', 'same-origin')
        .header('cache-control', 'no-cache')
        .header('etag', `"${createHash('sha256').update(html).digest('base64url')}"`);
      if (isFresh(request, reply)) return reply.code(304).send();
      return reply.type('text/html; charset=utf-8').send(html);
    };
    app.get(settings.path, route, page);
    app.get(`${settings.path}/`, route, page);

    app.get<{ Params: { name: string } }>(
      `${settings.path}/${ASSETS}/:name`,
      route,
      async (request, reply) => {
        const { name } = request.params;
        const file = (await bundle())?.files.get(name);
        if (file === undefined) throw new CodedError('NOT_FOUND');
        setCommonHeaders(reply)
          .header('cache-control', `public, max-age=${YEAR_SECONDS}, immutable`)
          .header('vary', 'accept-encoding')
          // The name holds a hash of the content.
          .header('etag', `"${name}"`);
        if (isFresh(request, reply)) return reply.code(304).send();
        reply.type(file.type);
        if (!acceptsGzip(request)) return reply.send(plainBody(file));
        return reply.header('content-encoding', 'gzip').send(file.gzip);
      },
    );
  },
});

function setCommonHeaders(reply: FastifyReply): FastifyReply {
  return reply
    .header('x-content-type-options', 'nosniff')
    .header('cross-origin-resource-policy', 'same-origin');
}

function isFresh(request: FastifyRequest, reply: FastifyReply): boolean {
  const known = request.headers['if-none-match']?.split(',').map((tag) => tag.trim());
  return known?.includes(String(reply.getHeader('etag'))) ?? false;
}

function acceptsGzip({ raw }: FastifyRequest): boolean {
  return new Negotiator(raw).encoding(['gzip', 'identity']) === 'gzip';
}

function refuse(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const reason = 'GraphiQL is not bundled, and its bundler is not installed';
  request.log.error(`${reason}; npm run graphiql makes the bundle where it is`);
  return reply.code(503).type('text/plain; charset=utf-8').send(`${reason}.\n`);
}

/** Makes the bundle at the first request, once for all that wait; what fails is tried again. */
function once(load: () => Promise<Bundle | null>): () => Promise<Bundle | null> {
  let loading: Promise<Bundle | null> | null = null;
  return async () => {
    loading ??= load();
    try {
      const bundle = await loading;
      if (bundle === null) loading = null;
      return bundle;
    } catch (error) {
      loading = null;
      throw error;
    }
  };
}
