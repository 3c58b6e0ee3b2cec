import { createHash } from 'node:crypto';
import type { Test } from 'tap';
import { persistedOperations } from '#plugins/persisted-operations/index.ts';
import { blog } from '#test/support/blog.ts';
import { type OpenGateway, startOpenGateway } from '#test/support/open-gateway.ts';

export interface Received {
  readonly status: number;
  readonly headers: Headers;
  readonly answer: unknown;
}

export interface Started extends OpenGateway {
  post(body: unknown, headers?: Record<string, string>): Promise<Received>;
  /** What is no string goes as JSON. */
  get(parameters: Record<string, unknown>, headers?: Record<string, string>): Promise<Received>;
}

/** A gateway with the plugin under test. */
export async function start(t: Test, options: Record<string, unknown> = {}): Promise<Started> {
  const gateway = await startOpenGateway(blog, { plugins: [optionsOf(options)] });
  t.teardown(() => gateway.close());
  const received = async (response: Response): Promise<Received> => ({
    status: response.status,
    headers: response.headers,
    answer: await response.json(),
  });
  return {
    ...gateway,
    post: async (body, headers = {}) =>
      received(
        await fetch(`${gateway.url}/graphql`, {
          method: 'POST',
          headers: { 'content-type': 'application/json', ...headers },
          body: JSON.stringify(body),
        }),
      ),
    get: async (parameters, headers = {}) => {
      const search = new URLSearchParams();
      for (const [name, value] of Object.entries(parameters)) {
        search.set(name, typeof value === 'string' ? value : JSON.stringify(value));
      }
      return received(await fetch(`${gateway.url}/graphql?${search}`, { headers }));
    },
  };
}

export function optionsOf(
  options: Record<string, unknown>,
): ReturnType<typeof persistedOperations.configure> {
  return persistedOperations.configure(options);
}

export const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** The parameters with which Apollo's clients name a document. */
export const named = (sha256Hash: unknown, version: unknown = 1) => ({
  extensions: { persistedQuery: { version, sha256Hash } },
});

export const refusal = (code: string, message?: string | RegExp) => ({
  data: undefined,
  errors: [{ ...(message !== undefined && { message }), extensions: { code } }],
});
