import type { FastifyInstance, FastifyRequest } from 'fastify';
import { CodedError } from '#contract/errors.ts';
import { knownErrorOf } from '#gateway/plugin.ts';
import { validateWith } from './validate-with.ts';

/** More than any of them needs. */
const BODY_LIMIT_BYTES = 65_536;

export interface RestRoutesOptions {
  /** What all paths begin with; what is not there below it is told in the same form. */
  readonly prefix?: `/${string}`;
  /** What bodies are: JSON, or fields of a form (`application/x-www-form-urlencoded`). */
  readonly bodies: 'json' | 'form';
  /** What a client is told of an error: its status, and a body in the vendor's form. */
  readonly describe: (
    error: CodedError,
    request: FastifyRequest,
  ) => { readonly status: number; readonly body: Readonly<Record<string, unknown>> };
}

/**
 * A part of the gateway with routes in a vendor's form: their bodies are of one kind, or not there; their TypeBox
 * schemas check them; whatever fails is told as the vendor tells it, and nobody keeps the answers.
 */
export function restRoutes(
  app: FastifyInstance,
  { prefix, bodies, describe }: RestRoutesOptions,
  addRoutes: (scope: FastifyInstance) => void,
): void {
  app.register(
    (scope, _options, done) => {
      scope.removeAllContentTypeParsers();
      if (bodies === 'json') takeJson(scope);
      else takeForms(scope);
      scope.setValidatorCompiler(validateWith);
      scope.addHook('onRoute', (route) => {
        route.config = { ...route.config, ownErrors: true };
        route.bodyLimit ??= BODY_LIMIT_BYTES;
      });
      scope.addHook('onRequest', (_request, reply, next) => {
        reply.header('cache-control', 'no-store');
        next();
      });
      scope.setErrorHandler((error, request, reply) => {
        const known = knownErrorOf(error);
        if (known.code === 'INTERNAL_SERVER_ERROR') {
          request.log.error({ err: error }, 'a request failed');
        }
        const { status, body } = describe(known, request);
        if (status === 401 && !reply.hasHeader('www-authenticate')) {
          reply.header('www-authenticate', 'Bearer realm="castellan"');
        }
        if (status === 503) reply.header('retry-after', 1);
        const { retryAfter } = known.extensions;
        if (status === 429 && typeof retryAfter === 'number') {
          reply.header('retry-after', retryAfter);
        }
        return reply.code(status).type('application/json; charset=utf-8').send(body);
      });
      if (prefix !== undefined) {
        scope.setNotFoundHandler(() => {
          throw new CodedError('NOT_FOUND');
        });
      }
      addRoutes(scope);
      done();
    },
    prefix === undefined ? {} : { prefix },
  );
}

/** Clients that always name a content type name it of an empty body too: that is none. */
function takeJson(scope: FastifyInstance): void {
  const parse = scope.getDefaultJsonParser('error', 'error');
  scope.addContentTypeParser(
    'application/json',
    { parseAs: 'string' },
    (request, body: string, done) => {
      if (body === '') done(null, undefined);
      else parse(request, body, done);
    },
  );
}

function takeForms(scope: FastifyInstance): void {
  scope.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string' },
    (_request, body: string, done) => {
      const fields = new URLSearchParams(body);
      const names = [...fields.keys()];
      const twice = names.find((name, index) => names.indexOf(name) !== index);
      if (twice === undefined) done(null, Object.fromEntries(fields));
      else done(new CodedError('BAD_REQUEST', 'A field of the form stands twice'));
    },
  );
}
