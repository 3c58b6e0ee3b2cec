import swagger from '@fastify/swagger';
import { SECURE_SESSION_COOKIE, SESSION_COOKIE } from '#contract/identity.ts';
import { definePlugin } from '#gateway/plugin.ts';
import { options } from './options.ts';

/** An OpenAPI document of the routes that have a tag in their schema; it is made of those schemas. */
export const openapi = definePlugin({
  name: 'openapi',
  options,
  async register(app, { path, title }) {
    await app.register(swagger, {
      hideUntagged: true,
      openapi: {
        openapi: '3.1.0',
        info: { title, version: '1.0.0' },
        components: {
          securitySchemes: {
            bearer: {
              type: 'http',
              scheme: 'bearer',
              description: 'An API key, or the value of the session cookie',
            },
            session: {
              type: 'apiKey',
              in: 'cookie',
              name: app.castellan.config.production ? SECURE_SESSION_COOKIE : SESSION_COOKIE,
              description: 'The session of a browser that has signed in',
            },
          },
        },
      },
    });
    app.get(path, { config: { public: true }, schema: { hide: true } }, async (_, reply) => {
      reply.header('cache-control', 'no-cache');
      return app.swagger();
    });
  },
});
