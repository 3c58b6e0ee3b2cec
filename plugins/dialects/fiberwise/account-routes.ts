import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { type Static, Type } from 'typebox';
import { CodedError } from '#contract/errors.ts';
import type { ForwardedResponse } from '#contract/identity.ts';
import type { AskIdentity } from '#gateway/plugin.ts';
import { bodyOf } from '../kit/identity-refusal.ts';
import { bearerCookie, passCookies, sessionSetBy } from './cookies.ts';
import { refusals } from './errors.ts';
import { sendLoginPage } from './login-page.ts';
import type { FiberwiseOptions } from './options.ts';
import { sendRefusal } from './refusal.ts';

const text = (maxLength: number, description: string) =>
  Type.String({ minLength: 1, maxLength, description });

const registration = Type.Object(
  {
    email: text(254, 'The address that they sign in with'),
    password: text(1024, 'At least as long as this deployment asks'),
    confirm_password: text(1024, 'The same again'),
    first_name: Type.Optional(Type.String({ maxLength: 100 })),
    last_name: Type.Optional(Type.String({ maxLength: 100 })),
  },
  { additionalProperties: false },
);
const credentials = Type.Object(
  {
    email: Type.Optional(text(254, 'The address of the account')),
    username: Type.Optional(text(254, 'The same, under the name that OAuth clients give it')),
    password: text(1024, 'The password of the account'),
  },
  { additionalProperties: false },
);

const tags = ['Accounts'];
const redirect = Type.Null({ description: 'Leads on to the page in `Location`' });

/** `register`, `login` and `logout`: identity's own sign-up, sign-in and sign-out for forms, with redirects. */
export function accountRoutes(
  scope: FastifyInstance,
  ask: AskIdentity,
  { loginPage, appPage }: FiberwiseOptions,
): void {
  // Identity reads the cookie itself, and refuses other sites' pages.
  const config = { public: true };
  const consumes = ['application/x-www-form-urlencoded'];

  scope.post<{ Body: Static<typeof registration> }>(
    '/register',
    {
      config,
      schema: {
        tags,
        consumes,
        summary: 'Makes an account, with an organization of its own',
        body: registration,
        response: { 303: redirect, ...refusals },
      },
    },
    async (request, reply) => {
      const { email, password, confirm_password, first_name, last_name } = request.body;
      if (password !== confirm_password) {
        throw new CodedError('BAD_REQUEST', '"password" and "confirm_password" differ');
      }
      const name = [first_name, last_name].flatMap((part) => part?.trim() || []).join(' ');
      const response = await ask(request, '/api/auth/sign-up/email', {
        email,
        password,
        name: name === '' ? (email.split('@', 1)[0] ?? email) : name,
      });
      if (response.status >= 400) return sendRefusal(reply, response);
      await endSession(ask, request, response);
      return seeOther(reply, loginPage);
    },
  );

  scope.post<{ Body: Static<typeof credentials> }>(
    '/login',
    {
      config,
      schema: {
        tags,
        consumes,
        summary: 'Begins a session, whose cookie is also a bearer token',
        body: credentials,
        response: { 303: redirect, ...refusals },
      },
    },
    async (request, reply) => {
      const { email, username, password } = request.body;
      const address = email ?? username;
      if (address === undefined) throw new CodedError('BAD_REQUEST', 'Missing: email');
      const response = await ask(request, '/api/auth/sign-in/email', { email: address, password });
      if (response.status >= 400) return sendRefusal(reply, response);
      passCookies(response, reply);
      if (bodyOf(response).twoFactorRedirect === true) {
        const detail = 'A second factor is needed: send its code to /api/auth/two-factor/…';
        return reply.code(401).send({ detail });
      }
      return seeOther(reply, appPage);
    },
  );

  scope.post(
    '/logout',
    {
      config,
      schema: {
        tags,
        summary: 'Ends the session of the cookie, or of the bearer token, and clears the cookie',
        response: { 303: redirect, ...refusals },
      },
    },
    async (request, reply) => {
      const cookies = bearerCookie(request, scope.castellan.config.production);
      const response = await ask(request, '/api/auth/sign-out', {}, cookies ?? undefined);
      if (response.status >= 400) return sendRefusal(reply, response);
      passCookies(response, reply);
      return seeOther(reply, loginPage);
    },
  );

  scope.get('/login', { config, schema: { hide: true } }, sendLoginPage);
}

/** Whoever registers signs in afterwards: the session that a sign-up begins would be nobody's. */
async function endSession(
  ask: AskIdentity,
  request: FastifyRequest,
  signUp: ForwardedResponse,
): Promise<void> {
  const session = sessionSetBy(signUp);
  if (session !== null) await ask(request, '/api/auth/sign-out', {}, session);
}

function seeOther(reply: FastifyReply, page: string): FastifyReply {
  return reply.code(303).header('location', page).send();
}
