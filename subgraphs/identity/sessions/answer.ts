import type { FastifyReply } from 'fastify';
import { signSession } from './session-signature.ts';

/** What a client is answered. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly cookies: string[];
  readonly body: string;
}

/** The same for whoever signs up, where addresses are verified: taken or not, invited or not. */
export function signUpAnswer(): Answer {
  return {
    status: 200,
    headers: { 'content-type': 'application/json' },
    cookies: [],
    body: JSON.stringify({ token: null, user: null }),
  };
}

/**
 * better-auth's answer without what it should not have said. The token of a session becomes the signed value that
 * `Authorization: Bearer` takes where a sign-in tells it, and is left out where it is only read.
 */
export async function answerOf(response: Response, secret: string): Promise<Answer> {
  const headers: Record<string, string> = {};
  for (const name of ['content-type', 'location']) {
    const value = response.headers.get(name);
    if (value !== null) headers[name] = value;
  }
  const text = await response.text();
  // A redirect has no body, and then no type.
  if (text === '') delete headers['content-type'];
  const isJson = headers['content-type']?.startsWith('application/json') === true;
  return {
    status: response.status,
    headers,
    cookies: response.headers.getSetCookie(),
    body: isJson ? JSON.stringify(withoutTokens(JSON.parse(text), secret)) : text,
  };
}

function withoutTokens(body: unknown, secret: string): unknown {
  if (typeof body !== 'object' || body === null) return body;
  const kept: Record<string, unknown> = { ...body };
  if (typeof kept.token === 'string') kept.token = signSession(kept.token, secret);
  if (typeof kept.session === 'object' && kept.session !== null && 'token' in kept.session) {
    const { token: _, ...session } = kept.session;
    kept.session = session;
  }
  return kept;
}

export function send(reply: FastifyReply, answer: Answer): FastifyReply {
  reply.code(answer.status).headers(answer.headers);
  if (answer.cookies.length > 0) reply.header('set-cookie', answer.cookies);
  return reply.header('cache-control', 'no-store').send(answer.body);
}
