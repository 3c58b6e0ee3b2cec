import { isIP } from 'node:net';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { CLIENT_ADDRESS_HEADER, REQUEST_ID_HEADER } from '#contract/claims.ts';
import type { Clock } from '#contract/clock.ts';
import { CodedError } from '#contract/errors.ts';
import { SECURE_SESSION_COOKIE, SEQUENCE_HEADER, SESSION_COOKIE } from '#contract/identity.ts';
import { type ChangeContext, inChangeContext } from '#subgraphs/kit/index.ts';
import type { IdentityDatabase } from '../database/tables.ts';
import { holdsSecret } from '../introspection/holds-secret.ts';
import type { IdentityEvents } from '../log/identity-events.ts';
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
  readonly clock: Clock;
  readonly events: IdentityEvents;
  /** The secrets that session cookies may be signed with; the first one signs. */
  readonly secrets: readonly [string, ...string[]];
  readonly baseUrl: string;
  readonly trustedOrigins: readonly string[];
  readonly production: boolean;
  /** What a gateway in another process shows, so that it is believed where a client comes from. */
  readonly secret?: string | undefined;
}

/** The door to sign-up, sign-in, sign-out and get-session. It passes on only what it has looked at. */
export async function authRoutes(app: FastifyInstance, options: AuthRoutesOptions): Promise<void> {
  const { auth, database, clock, events, secrets, baseUrl, trustedOrigins, production, secret } =
    options;
  const cookieName = production ? SECURE_SESSION_COOKIE : SESSION_COOKIE;
  // better-auth's mark of a session that ends with the browser.
  const shortLivedName = cookieName.replace('session_token', 'dont_remember');
  const origin = new URL(baseUrl).origin;

  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body, done) =>
    done(null, body),
  );

  /** A session that an older pepper signed goes on with the newest signature. */
  function cookiesFor(token: string, given: ReadonlyMap<string, string>): string {
    const session = `${cookieName}=${encodeURIComponent(signSession(token, secrets[0]))}`;
    const shortLived = given.get(shortLivedName);
    return shortLived === undefined ? session : `${session}; ${shortLivedName}=${shortLived}`;
  }

  async function handle(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    if (!isSameSite(request, [origin, ...trustedOrigins])) throw new CodedError('CSRF_REJECTED');
    const cookies = cookiesOf(request.headers.cookie);
    const token = sessionTokenOf(cookies.get(cookieName), secrets);
    const changer = await changerOf(database, token);
    const address = clientAddressOf(request, secret);
    const context = {
      at: clock.now(),
      ...changer,
      address,
      requestId: requestIdOf(request, secret),
    };
    const forwarded = new Request(new URL(request.url, baseUrl), {
      method: request.method,
      headers: {
        // Checked above, by rules that also know clients which are no browsers and send none.
        origin,
        [CLIENT_ADDRESS_HEADER]: address,
        'user-agent': request.headers['user-agent'] ?? '',
        'content-type': request.headers['content-type'] ?? '',
        ...(token !== null && { cookie: cookiesFor(token, cookies) }),
      },
      body: Buffer.isBuffer(request.body) ? new Uint8Array(request.body) : null,
    });
    const response = await inChangeContext(context, () => auth.handle(forwarded));
    // What it changed holds in this process before it is answered.
    await events.catchUp();
    if (token !== null && request.url.startsWith('/api/auth/sign-out')) {
      await assertEnded(database, token);
    }
    reply.header(SEQUENCE_HEADER, String(events.sequence));
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

/** Who is slowed down when too many sign-ins fail: everybody behind a gateway is somebody else. */
function clientAddressOf(request: FastifyRequest, secret: string | undefined): string {
  const address = request.headers[CLIENT_ADDRESS_HEADER];
  if (secret === undefined || typeof address !== 'string') return request.ip;
  return isIP(address) !== 0 && holdsSecret(request, secret) ? address : request.ip;
}

/** The gateway's number of the request, if a gateway it is. */
function requestIdOf(request: FastifyRequest, secret: string | undefined): string {
  const given = request.headers[REQUEST_ID_HEADER];
  const isTrue = secret !== undefined && typeof given === 'string' && holdsSecret(request, secret);
  return isTrue ? given.slice(0, 128) : request.id;
}

/** In whose name a request changes something: of the session that it shows, or of nobody yet. */
async function changerOf(
  database: IdentityDatabase,
  token: string | null,
): Promise<Pick<ChangeContext, 'actorKind' | 'actorId' | 'credentialId'>> {
  const session =
    token === null
      ? undefined
      : await database
          .selectFrom('session')
          .select(['id', 'userId'])
          .where('token', '=', token)
          .executeTakeFirst();
  return session === undefined
    ? { actorKind: 'anonymous', actorId: null, credentialId: null }
    : { actorKind: 'session', actorId: session.userId, credentialId: session.id };
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

/** The values of a `Cookie` header by name; the first of a name counts (RFC 6265 §5.4). */
function cookiesOf(header: string | undefined): ReadonlyMap<string, string> {
  const cookies = new Map<string, string>();
  for (const pair of (header ?? '').split(';')) {
    const split = pair.indexOf('=');
    const name = pair.slice(0, split).trim();
    if (split > 0 && !cookies.has(name)) cookies.set(name, pair.slice(split + 1).trim());
  }
  return cookies;
}

function sessionTokenOf(value: string | undefined, secrets: readonly string[]): string | null {
  if (value === undefined) return null;
  try {
    return readSignedSession(decodeURIComponent(value), secrets);
  } catch {
    // Not percent-encoded text: no cookie of ours.
    return null;
  }
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
