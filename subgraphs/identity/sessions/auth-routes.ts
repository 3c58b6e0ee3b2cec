import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { CLIENT_ADDRESS_HEADER } from '#contract/claims.ts';
import { CodedError } from '#contract/errors.ts';
import { SECURE_SESSION_COOKIE, SESSION_COOKIE } from '#contract/identity.ts';
import type { IdentityDatabase } from '../database/tables.ts';
import type { AuthServer } from './auth-server.ts';
import { isSameSite } from './same-site.ts';
import { readSignedSession, signSession } from './session-signature.ts';

const BODY_LIMIT_BYTES = 65_536;

/** What is served of `/api/auth`. Whatever better-auth and its plugins could do besides is not reachable. */
const served = [
  ['POST', '/api/auth/sign-up/email'],
  ['POST', '/api/auth/sign-in/email'],
  ['POST', '/api/auth/sign-out'],
  ['GET', '/api/auth/get-session'],
] as const;

export interface AuthRoutesOptions {
  readonly auth: AuthServer;
  readonly database: IdentityDatabase;
  /** The secrets that session cookies may be signed with; the first one signs. */
  readonly secrets: readonly [string, ...string[]];
  readonly baseUrl: string;
  readonly trustedOrigins: readonly string[];
  readonly production: boolean;
}

/** The door to sign-up, sign-in, sign-out and get-session. It passes on only what it has looked at. */
export async function authRoutes(app: FastifyInstance, options: AuthRoutesOptions): Promise<void> {
  const { auth, database, secrets, baseUrl, trustedOrigins, production } = options;
  const cookieName = production ? SECURE_SESSION_COOKIE : SESSION_COOKIE;
  const origin = new URL(baseUrl).origin;

  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body, done) =>
    done(null, body),
  );

  async function handle(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    if (!isSameSite(request, [origin, ...trustedOrigins])) throw new CodedError('CSRF_REJECTED');
    const token = sessionTokenOf(request, cookieName, secrets);
    const response = await auth.handle(
      new Request(new URL(request.url, baseUrl), {
        method: request.method,
        headers: {
          // Checked above, by rules that also know clients which are no browsers and send none.
          origin,
          [CLIENT_ADDRESS_HEADER]: request.ip,
          'user-agent': request.headers['user-agent'] ?? '',
          'content-type': request.headers['content-type'] ?? '',
          // A cookie that an older pepper signed goes on with the newest signature.
          ...(token !== null && {
            cookie: `${cookieName}=${encodeURIComponent(signSession(token, secrets[0]))}`,
          }),
        },
        body: Buffer.isBuffer(request.body) ? new Uint8Array(request.body) : null,
      }),
    );
    if (token !== null && request.url.startsWith('/api/auth/sign-out')) {
      await assertEnded(database, token);
    }
    return send(reply, response);
  }

  for (const [method, url] of served) {
    app.route({
      method,
      url,
      bodyLimit: BODY_LIMIT_BYTES,
      exposeHeadRoute: false,
      handler: handle,
    });
  }
}

/** better-auth answers a sign-out with success even when the store failed; that would be a lie. */
async function assertEnded(database: IdentityDatabase, token: string): Promise<void> {
  const session = await database
    .selectFrom('session')
    .select('id')
    .where('token', '=', token)
    .executeTakeFirst();
  if (session !== undefined) throw new CodedError('IDENTITY_UNAVAILABLE');
}

function sessionTokenOf(
  request: FastifyRequest,
  cookieName: string,
  secrets: readonly string[],
): string | null {
  for (const pair of (request.headers.cookie ?? '').split(';')) {
    const split = pair.indexOf('=');
    if (pair.slice(0, split).trim() !== cookieName) continue;
    try {
      return readSignedSession(decodeURIComponent(pair.slice(split + 1).trim()), secrets);
    } catch {
      // Not percent-encoded text: no cookie of ours.
      return null;
    }
  }
  return null;
}

async function send(reply: FastifyReply, response: Response): Promise<FastifyReply> {
  reply.code(response.status);
  for (const [name, value] of response.headers) {
    if (name !== 'set-cookie') reply.header(name, value);
  }
  const cookies = response.headers.getSetCookie();
  if (cookies.length > 0) reply.header('set-cookie', cookies);
  reply.header('cache-control', 'no-store');
  return reply.send(Buffer.from(await response.arrayBuffer()));
}
