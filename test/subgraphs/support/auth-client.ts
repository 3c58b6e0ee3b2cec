import type { TestIdentity } from './running-identity.ts';

/** A browser at `/api/auth`: it keeps its cookies. */
export interface AuthClient {
  readonly cookies: Map<string, string>;
  post(path: string, payload?: object, headers?: Record<string, string>): Promise<AuthAnswer>;
  get(path: string, headers?: Record<string, string>): Promise<AuthAnswer>;
}

export interface AuthAnswer {
  readonly status: number;
  readonly headers: Record<string, unknown>;
  readonly body: Record<string, unknown>;
  readonly text: string;
  readonly setCookies: readonly string[];
}

export function createAuthClient({ app }: TestIdentity, remoteAddress = '192.0.2.1'): AuthClient {
  const cookies = new Map<string, string>();

  async function send(
    method: 'GET' | 'POST',
    path: string,
    payload: object | undefined,
    headers: Record<string, string>,
  ): Promise<AuthAnswer> {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await app.inject({
      method,
      url: `/api/auth${path}`,
      remoteAddress,
      headers: { ...(cookie !== '' && { cookie }), ...headers },
      ...(payload !== undefined && { payload }),
    });
    const setCookies = [response.headers['set-cookie'] ?? []].flat();
    for (const each of setCookies) keep(each);
    return {
      status: response.statusCode,
      headers: response.headers,
      body: response.headers['content-type']?.toString().startsWith('application/json')
        ? response.json()
        : {},
      text: response.body,
      setCookies,
    };
  }

  function keep(setCookie: string): void {
    const [pair = ''] = setCookie.split(';');
    const split = pair.indexOf('=');
    const [name, value] = [pair.slice(0, split), pair.slice(split + 1)];
    if (/;\s*Max-Age=0\b/i.test(setCookie) || value === '') cookies.delete(name);
    else cookies.set(name, value);
  }

  return {
    cookies,
    post: (path, payload = {}, headers = {}) => send('POST', path, payload, headers),
    get: (path, headers = {}) => send('GET', path, undefined, headers),
  };
}

/** The value of the session cookie, as Bearer takes it. */
export function sessionIn({ cookies }: AuthClient): string {
  return decodeURIComponent(cookies.get('castellan.session_token') ?? '');
}

/** The code of an answer, whoever gave it. */
export function codeIn({ body }: AuthAnswer): unknown {
  const [error] = (body.errors ?? []) as { readonly extensions?: { readonly code?: unknown } }[];
  return error?.extensions?.code ?? body.code;
}
