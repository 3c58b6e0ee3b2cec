import { setTimeout } from 'node:timers/promises';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Clock } from '#contract/clock.ts';
import { CodedError } from '#contract/errors.ts';
import { SECURE_SESSION_COOKIE, SEQUENCE_HEADER, SESSION_COOKIE } from '#contract/identity.ts';
import { type ChangeContext, inChangeContext } from '#subgraphs/kit/index.ts';
import type { IdentityDatabase } from '../database/tables.ts';
import type { IdentityEvents } from '../log/identity-events.ts';
import type { AccountMails } from '../mail/account-mails.ts';
import type { Mailer } from '../mail/mailer.ts';
import { type Answer, answerOf, send, signUpAnswer } from './answer.ts';
import { type Attempt, emailOf } from './attempt.ts';
import type { AuthServer } from './auth-server.ts';
import type { ChangesUnderWay } from './changes-under-way.ts';
import { forwardedRequest } from './forwarded-request.ts';
import type { Guards } from './guards.ts';
import { proveDevice, readDevice } from './known-device.ts';
import { findLiveSession, type LiveSession, type SessionLife } from './live-session.ts';
import type { OidcProviders } from './oidc-providers.ts';
import {
  clientAddressOf,
  cookiesOf,
  cookieValue,
  requestIdOf,
  sessionTokenOf,
} from './request-facts.ts';
import { isSameSite } from './same-site.ts';
import { type ServedRoute, servedRoutes } from './served-routes.ts';
import type { SessionActivity } from './session-activity.ts';
import type { Throttle } from './throttle.ts';

const SIGN_UP = '/api/auth/sign-up/email';
const SIGN_IN = '/api/auth/sign-in/email';
const SIGN_IN_SOCIAL = '/api/auth/sign-in/social';
const SIGN_OUT = '/api/auth/sign-out';

const BODY_LIMIT_BYTES = 65_536;
/** More than what differs takes: a hash of a password, a few writes. */
const EVEN_ANSWER_MS = 500;
const DEVICE_COOKIE_SECONDS = 365 * 24 * 3600;

export interface AuthRoutesOptions {
  readonly auth: AuthServer;
  readonly guards: Guards;
  readonly throttle: Throttle;
  readonly providers: OidcProviders;
  readonly underWay: ChangesUnderWay;
  readonly mailer: Mailer;
  readonly mails: AccountMails;
  readonly database: IdentityDatabase;
  readonly clock: Clock;
  readonly events: IdentityEvents;
  readonly life: SessionLife;
  readonly activity: SessionActivity;
  /** The secrets that session cookies may be signed with; the first one signs. */
  readonly secrets: readonly [string, ...string[]];
  readonly baseUrl: string;
  readonly trustedOrigins: readonly string[];
  readonly production: boolean;
  readonly requireVerification: boolean;
  readonly trustsDevices: boolean;
  /** What a gateway in another process shows, so that it is believed where a client comes from. */
  readonly secret?: string | undefined;
}

/** The door to better-auth. It passes on only what it has looked at, and answers only what is meant for clients. */
export async function authRoutes(app: FastifyInstance, options: AuthRoutesOptions): Promise<void> {
  const { auth, guards, throttle, providers, mailer, database, clock, events, secrets } = options;
  const { baseUrl, trustedOrigins, production, requireVerification, secret } = options;
  const cookieName = production ? SECURE_SESSION_COOKIE : SESSION_COOKIE;
  const cookiePrefix = cookieName.slice(0, -'session_token'.length);
  const origin = new URL(baseUrl).origin;
  const { trustsDevices } = options;
  const forwarding = { baseUrl, cookieName, cookiePrefix, secret: secrets[0], trustsDevices };

  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, body, done) =>
    done(null, body),
  );

  async function handle(route: ServedRoute, request: FastifyRequest): Promise<Answer> {
    const { isLink, needsMail, needsSession, tried, guard } = route;
    if (isLink !== true && !isSameSite(request, [origin, ...trustedOrigins])) {
      throw new CodedError('CSRF_REJECTED');
    }
    if (needsMail === true) mailer.assertAvailable();
    const now = clock.now();
    const cookies = cookiesOf(request.headers.cookie);
    const token = sessionTokenOf(cookies.get(cookieName), secrets);
    const session =
      token === null ? null : await findLiveSession(database, token, options.life, now);
    if (session !== null) options.activity.seen(session, now);
    if (needsSession === true && session === null) throw new CodedError('UNAUTHENTICATED');
    const attempt = await attemptOf(request, cookies, session);
    const names = tried?.(attempt) ?? [];
    await throttle.begin(names);
    let wentWell = false;
    try {
      if ((await guard?.(guards, attempt)) === 'pretend') {
        wentWell = true;
        return signUpAnswer();
      }
      // Signing out works with a session that holds no more, too.
      const shown = session !== null || route.url === SIGN_OUT ? token : null;
      const answer = await ask(route, request, attempt, shown, cookies);
      wentWell = answer.status < 400;
      return answer;
    } finally {
      await throttle.end(names, wentWell);
    }
  }

  async function ask(
    route: ServedRoute,
    request: FastifyRequest,
    attempt: Attempt,
    token: string | null,
    cookies: ReadonlyMap<string, string>,
  ): Promise<Answer> {
    const { url } = route;
    const providerId = providerOf(route, request, attempt.body);
    if (providerId !== null) await assertIssuer(providerId, request);
    const response = await inChangeContext(contextOf(request, attempt), () =>
      providers.judging(() =>
        auth.handle(forwardedRequest(forwarding, route, request, attempt, { token, cookies })),
      ),
    );
    // What it changed holds in this process before it is answered.
    await events.catchUp();
    if (url === SIGN_OUT && token !== null) await assertEnded(database, token);
    if (providerId !== null) await assertIssuer(providerId, request);
    const answer = await answerOf(response, secrets[0]);
    if (answer.status >= 400) return answer;
    if (route.callsOff === true && attempt.session !== null) {
      await options.underWay.callOff(attempt.session.userId);
    }
    if (route.notice !== undefined && attempt.session !== null && mailer.isAvailable) {
      mailer.send(options.mails.notice(attempt.session.email, route.notice));
    }
    if (url === SIGN_UP && requireVerification) return signUpAnswer();
    const email = emailOf(attempt.body);
    if (url !== SIGN_IN || attempt.deviceOf(email) !== null) return answer;
    return { ...answer, cookies: [...answer.cookies, deviceCookie(email)] };
  }

  async function attemptOf(
    request: FastifyRequest,
    cookies: ReadonlyMap<string, string>,
    session: LiveSession | null,
  ): Promise<Attempt> {
    const body = bodyOf(request);
    const device = cookies.get(`${cookiePrefix}device`);
    const challenge = cookieValue(cookies.get(`${cookiePrefix}two_factor`));
    return {
      body,
      query: isRecord(request.query) ? request.query : {},
      session,
      address: clientAddressOf(request, secret),
      deviceOf: (email) => readDevice(device, email, secrets),
      subject:
        session?.userId ??
        (challenge === undefined ? null : await auth.subjectOfChallenge(challenge)),
    };
  }

  function contextOf(request: FastifyRequest, { session, address }: Attempt): ChangeContext {
    const where = { at: clock.now(), address, requestId: requestIdOf(request, secret) };
    return session === null
      ? { ...where, actorKind: 'anonymous', actorId: null, credentialId: null }
      : { ...where, actorKind: 'session', actorId: session.userId, credentialId: session.id };
  }

  function deviceCookie(email: string): string {
    const value = `${cookiePrefix}device=${proveDevice(email, secrets[0])}`;
    const secure = production ? '; Secure' : '';
    return `${value}; Max-Age=${DEVICE_COOKIE_SECONDS}; Path=/; HttpOnly; SameSite=Lax${secure}`;
  }

  /** Whoever answers at a provider's address has to be the provider that was configured. */
  async function assertIssuer(id: string, request: FastifyRequest): Promise<void> {
    const configured = providers.issuerOf(id);
    if (configured === undefined) throw new CodedError('NOT_FOUND');
    const found = await auth.issuerOf(id);
    if (found === undefined || found === configured) return;
    request.log.error({ provider: id }, 'an OIDC provider says that it is another issuer');
    throw new CodedError('IDENTITY_UNAVAILABLE', 'The provider is not the one that is configured');
  }

  for (const route of servedRoutes) {
    const { method, url } = route;
    // Where no address is verified the answer to a sign-up tells anyway.
    const isEven = route.isEven === true && (url !== SIGN_UP || requireVerification);
    app.route({
      method,
      url,
      bodyLimit: BODY_LIMIT_BYTES,
      exposeHeadRoute: false,
      handler: async (request, reply) => {
        const even = isEven ? setTimeout(EVEN_ANSWER_MS) : undefined;
        const answer = await handle(route, request).catch(async (error: unknown) => {
          await even;
          if (error instanceof CodedError && error.code === 'RATE_LIMITED') {
            reply.header('retry-after', String(error.extensions.retryAfter));
          }
          throw error;
        });
        await even;
        reply.header(SEQUENCE_HEADER, String(events.sequence));
        return send(reply, answer);
      },
    });
  }
}

function bodyOf({ body }: FastifyRequest): Attempt['body'] {
  if (typeof body !== 'string' || body.trim() === '') return {};
  try {
    const parsed: unknown = JSON.parse(body);
    if (isRecord(parsed)) return parsed;
  } catch {
    // Told below: what it says of the place quotes the body.
  }
  throw new CodedError('BAD_REQUEST', 'The body must be a JSON object');
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function providerOf(
  { url }: ServedRoute,
  { params }: FastifyRequest,
  body: Attempt['body'],
): string | null {
  if (url === SIGN_IN_SOCIAL) return String(body.provider);
  return isRecord(params) && typeof params.id === 'string' ? params.id : null;
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
