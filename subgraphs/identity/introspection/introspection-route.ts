import type { FastifyInstance } from 'fastify';
import { CodedError } from '#contract/errors.ts';
import { type Credential, type Identity, isSessionShaped } from '#contract/identity.ts';
import {
  decodeKeyQuestion,
  encodeKeyAnswer,
  encodeResolution,
  KEY_INTROSPECTION_PATH,
} from '#contract/introspection.ts';
import { onlyWithSecret } from './only-with-secret.ts';

const BODY_LIMIT_BYTES = 65_536;

/**
 * `POST /introspect` (RFC 7662) for gateways in other processes: `token`, `token_type_hint` (`key`, `session` or
 * `environment`), and `project` and `environment`, in which the request means to be, as a form, under the secret that
 * both sides were given. What was asked of these is repeated, so that nobody takes another answer for this one.
 *
 * `POST /introspect/key` asks, as JSON, whom a key lets in by its id, on somebody's behalf.
 */
export async function introspectionRoute(
  app: FastifyInstance,
  options: { readonly identity: Identity; readonly secret: string },
): Promise<void> {
  const { identity, secret } = options;
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string' },
    (_request, body, done) => done(null, body),
  );
  onlyWithSecret(app, secret);
  app.post('/introspect', { bodyLimit: BODY_LIMIT_BYTES }, async (request) => {
    const credential = readCredential(request.body);
    const { inEnvironment, inProject } = credential;
    return {
      ...encodeResolution(await identity.resolve(credential)),
      ...(inEnvironment !== undefined && { in_environment: inEnvironment }),
      ...(inProject !== undefined && { in_project: inProject }),
    };
  });
  await app.register(async (json) => {
    json.removeAllContentTypeParsers();
    json.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, body, done) =>
      done(null, body),
    );
    json.post(KEY_INTROSPECTION_PATH, { bodyLimit: BODY_LIMIT_BYTES }, async (request) => {
      const question = decodeKeyQuestion(readJson(request.body));
      if (question === null) throw new CodedError('BAD_REQUEST', 'The body asks about no key');
      return encodeKeyAnswer(await identity.callerOfKey(question.id, question.asker));
    });
  });
}

function readJson(body: unknown): unknown {
  try {
    return JSON.parse(typeof body === 'string' ? body : '');
  } catch {
    return null;
  }
}

function readCredential(body: unknown): Credential {
  const form = new URLSearchParams(typeof body === 'string' ? body : '');
  const text = form.get('token');
  if (text === null || text === '') throw new CodedError('BAD_REQUEST', '"token" is missing');
  const hint = form.get('token_type_hint');
  const inEnvironment = form.get('environment');
  const inProject = form.get('project');
  const where = {
    ...(inEnvironment !== null && { inEnvironment }),
    ...(inProject !== null && { inProject }),
  };
  if (hint === 'environment') {
    return { kind: hint, text, ...(inProject !== null && { inProject }) };
  }
  if (hint === 'key' || hint === 'session') return { kind: hint, text, ...where };
  // RFC 7662 §2.1: a hint may be left out, and one that is not known is passed over.
  return { kind: isSessionShaped(text) ? 'session' : 'key', text, ...where };
}
