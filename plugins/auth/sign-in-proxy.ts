import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { CLIENT_ADDRESS_HEADER, REQUEST_ID_HEADER } from '#contract/claims.ts';
import { CodedError } from '#contract/errors.ts';
import { type ForwardedResponse, type Identity, SEQUENCE_HEADER } from '#contract/identity.ts';
import { describeFailure } from './describe-failure.ts';
import { refuse } from './refuse.ts';

const PREFIX = '/api/auth/';

/** What identity needs of a client's headers. `authorization` is not among them: sign-in is for browsers. */
const passedOn = [
  'accept',
  'accept-language',
  'content-type',
  'cookie',
  'origin',
  'referer',
  'sec-fetch-dest',
  'sec-fetch-mode',
  'sec-fetch-site',
  'sec-fetch-user',
  'user-agent',
] as const;

/** RFC 9110 §7.6.1, and what the reply works out for itself. */
const hopByHop = new Set([
  'connection',
  'content-length',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/**
 * `/api/auth/*`: sign-up, sign-in and sign-out, passed on to identity as bytes.
 *
 * The client's own `x-forwarded-*` headers go no further: host, scheme and address are what this gateway saw
 * (or what a proxy said that it was told to trust).
 */
export function signInProxy(
  app: FastifyInstance,
  identity: Identity,
  bodyLimit: number,
  hearOf: (sequence: unknown) => Promise<void>,
): void {
  forwardingScope(app, bodyLimit, 'a sign-in was not passed on', (scope) => {
    scope.route({
      method: ['GET', 'POST'],
      url: `${PREFIX}*`,
      bodyLimit,
      config: { public: true },
      exposeHeadRoute: false,
      handler: async (request, reply) => {
        const response = await identity.forward({
          method: request.method,
          url: urlOf(request),
          headers: headersOf(request),
          ...(Buffer.isBuffer(request.body) && { body: request.body }),
        });
        // Who has signed out is signed out here, too, when they are told so.
        await hearOf(response.headers[SEQUENCE_HEADER]);
        return passBack(response, reply);
      },
    });
  });
}

/** A part of the gateway that takes any body as bytes, and refuses what cannot be passed on. */
export function forwardingScope(
  app: FastifyInstance,
  bodyLimit: number,
  onFailure: string,
  addRoutes: (scope: FastifyInstance) => void,
): void {
  app.register((scope, _options, done) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit }, (_request, body, parsed) =>
      parsed(null, body),
    );
    scope.setErrorHandler((error, request, reply) => {
      const code = codeOf(error);
      if (code === null) throw error;
      request.log.warn({ code, reason: describeFailure(error) }, onFailure);
      refuse(request, reply, { code });
    });
    addRoutes(scope);
    done();
  });
}

/** Path and query with the dots resolved, so that nothing beside `/api/auth/` can be reached from here. */
function urlOf(request: FastifyRequest): string {
  const base = 'http://gateway.invalid';
  const raw = request.raw.url ?? '';
  const url = URL.canParse(raw, base) ? new URL(raw, base) : null;
  if (url === null || !url.pathname.startsWith(PREFIX)) throw new CodedError('NOT_FOUND');
  return url.pathname + url.search;
}

/** What identity is told of a client. */
export function headersOf(request: FastifyRequest): Record<string, string> {
  const headers: Record<string, string> = {
    // The name by which the client knows us: identity compares an Origin with it.
    ...(request.host !== '' && { host: request.host }),
    'x-forwarded-for': request.ip,
    'x-forwarded-host': request.host,
    'x-forwarded-proto': request.protocol,
    [CLIENT_ADDRESS_HEADER]: request.ip,
    [REQUEST_ID_HEADER]: request.id,
  };
  for (const name of passedOn) {
    const value = request.headers[name];
    if (typeof value === 'string') headers[name] = value;
  }
  return headers;
}

/** @param cacheControl of an answer that is the same for everybody; the others are kept by nobody */
export function passBack(
  response: ForwardedResponse,
  reply: FastifyReply,
  cacheControl: string | readonly string[] = 'no-store',
): FastifyReply {
  const perConnection = String(response.headers.connection ?? '').toLowerCase();
  const dropped = new Set([
    ...hopByHop,
    SEQUENCE_HEADER,
    ...perConnection.split(',').map((name) => name.trim()),
  ]);
  for (const [name, value] of Object.entries(response.headers)) {
    if (dropped.has(name.toLowerCase())) continue;
    reply.header(name, typeof value === 'string' ? value : [...value]);
  }
  reply.code(response.status).header('cache-control', String(cacheControl));
  return reply.send(Buffer.from(response.body));
}

function codeOf(error: unknown) {
  if (error instanceof CodedError) {
    const { code } = error;
    return code === 'IDENTITY_UNAVAILABLE' || code === 'NOT_FOUND' ? code : null;
  }
  const isTooLarge =
    error instanceof Error && 'code' in error && error.code === 'FST_ERR_CTP_BODY_TOO_LARGE';
  return isTooLarge ? 'PAYLOAD_TOO_LARGE' : null;
}
