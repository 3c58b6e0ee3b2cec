import { createHash } from 'node:crypto';
import { EventSourceParserStream } from 'eventsource-parser/stream';
import { joinParts, readParts } from '#test/support/read-parts.ts';
import type { AuthorizationCase } from './authorization-case.ts';

export interface SuiteAnswer {
  readonly data?: unknown;
  readonly errors?: readonly AnsweredError[];
}

export interface AnsweredError {
  readonly message: string;
  readonly path?: readonly (string | number)[];
  readonly extensions?: {
    readonly code?: unknown;
    readonly authorization?: { readonly coordinate?: unknown; readonly missing?: unknown };
  };
}

export interface Exchange {
  readonly status: number;
  /** One, but for batches and events. */
  readonly answers: readonly SuiteAnswer[];
}

type Headers = Readonly<Record<string, string>>;

/** What a caller is known by; undefined where the gateway has no such caller. */
export type HeadersOf = (caller: string) => Headers | undefined;

/** Asks the question of a case as its caller. */
export async function askEndpoint(
  endpoint: string,
  each: AuthorizationCase,
  headers: Headers,
  headersOf: HeadersOf,
): Promise<Exchange> {
  const { variables, operationName } = each;
  const parameters = (query: string | undefined) => ({ query, variables, operationName });
  switch (each.as ?? 'post') {
    case 'get': {
      const url = new URL(endpoint);
      for (const [name, value] of Object.entries(parameters(each.operation))) {
        if (value === undefined) continue;
        url.searchParams.set(name, typeof value === 'string' ? value : JSON.stringify(value));
      }
      // A header that no page can send across origins without asking: some gateways want one.
      const response = await fetch(url, { headers: { 'x-conformance': 'get', ...headers } });
      return { status: response.status, answers: [(await response.json()) as SuiteAnswer] };
    }
    case 'batch': {
      const response = await post(endpoint, headers, each.operations?.map(parameters));
      const body = (await response.json()) as SuiteAnswer | readonly SuiteAnswer[];
      return { status: response.status, answers: [body].flat() };
    }
    case 'persisted': {
      const query = each.operation ?? '';
      const sha256Hash = createHash('sha256').update(query).digest('hex');
      const extensions = { persistedQuery: { version: 1, sha256Hash } };
      for (const caller of each.after ?? []) {
        const registered = { ...parameters(query), extensions };
        await (await post(endpoint, headersOf(caller) ?? {}, registered)).arrayBuffer();
      }
      return whole(await post(endpoint, headers, { ...parameters(undefined), extensions }));
    }
    case 'parts': {
      const accept = 'multipart/mixed;deferSpec=20220824, application/json';
      const response = await post(endpoint, { ...headers, accept }, parameters(each.operation));
      const type = response.headers.get('content-type') ?? '';
      if (!type.startsWith('multipart/mixed')) return whole(response);
      const boundary = /boundary="?([^";]+)/.exec(type)?.[1];
      const joined = joinParts(readParts(await response.text(), boundary));
      return { status: response.status, answers: [joined as SuiteAnswer] };
    }
    case 'events': {
      const accept = 'text/event-stream';
      const response = await post(endpoint, { ...headers, accept }, parameters(each.operation));
      const type = response.headers.get('content-type') ?? '';
      if (!type.startsWith(accept)) return whole(response);
      return { status: response.status, answers: await readEvents(response) };
    }
    case 'post':
      return whole(await post(endpoint, headers, parameters(each.operation)));
  }
}

function post(endpoint: string, headers: Headers, body: unknown): Promise<Response> {
  return fetch(endpoint, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
}

async function whole(response: Response): Promise<Exchange> {
  return { status: response.status, answers: [(await response.json()) as SuiteAnswer] };
}

async function readEvents({ body }: Response): Promise<SuiteAnswer[]> {
  const answers: SuiteAnswer[] = [];
  const events = body
    ?.pipeThrough(new TextDecoderStream())
    .pipeThrough(new EventSourceParserStream());
  for await (const { event, data } of events ?? []) {
    if (event === 'next') answers.push(JSON.parse(data));
    if (event === 'complete') break;
  }
  return answers;
}
