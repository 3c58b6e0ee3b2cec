import type { FastifyInstance } from 'fastify';
import { CodedError } from '#contract/errors.ts';
import { type Credential, type Identity, isSessionShaped } from '#contract/identity.ts';
import { encodeResolution } from '#contract/introspection.ts';
import { onlyWithSecret } from './only-with-secret.ts';

const BODY_LIMIT_BYTES = 65_536;

/**
 * `POST /introspect` (RFC 7662) for gateways in other processes: `token` and `token_type_hint` (`key`,
 * `session` or `environment`) as a form, with the `project` and `environment` that it is asked about if any, under the
 * secret that both sides were given.
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
    return encodeResolution(await identity.resolve(credential));
  });
}

function readCredential(body: unknown): Credential {
  const form = new URLSearchParams(typeof body === 'string' ? body : '');
  const text = form.get('token');
  if (text === null || text === '') throw new CodedError('BAD_REQUEST', '"token" is missing');
  const place = readPlace(form);
  const hint = form.get('token_type_hint');
  if (hint === 'key' || hint === 'session' || hint === 'environment') {
    return { kind: hint, text, ...place };
  }
  // RFC 7662 §2.1: a hint may be left out, and one that is not known is passed over.
  return { kind: isSessionShaped(text) ? 'session' : 'key', text, ...place };
}

function readPlace(form: URLSearchParams): Pick<Credential, 'place'> {
  const project = form.get('project');
  if (project === null) return {};
  const environment = form.get('environment');
  return { place: { project, ...(environment !== null && { environment }) } };
}
