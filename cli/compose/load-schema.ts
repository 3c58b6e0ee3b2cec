import { readFile } from 'node:fs/promises';
import { relative } from 'node:path';
import { type DocumentNode, GraphQLError, parse, Source } from 'graphql';
import { CodedError } from '#contract/errors.ts';
import type { SubgraphConfig } from './supergraph-config.ts';

const FETCH_TIMEOUT_MS = 10_000;
const SDL_QUERY = 'query SubgraphIntrospectQuery { _service { sdl } }';

/**
 * The schema of a subgraph, read from its source and parsed. The name of the document's source is a file
 * (relative to `cwd`) or a URL, so that whatever is said of the schema later can name its place.
 *
 * @throws CodedError SUPERGRAPH_CONFIG_INVALID when it cannot be read, or has a syntax error
 */
export async function loadSchema(subgraph: SubgraphConfig, cwd: string): Promise<DocumentNode> {
  const { schema, place } = subgraph;
  switch (schema.kind) {
    case 'file': {
      const name = relative(cwd, schema.file);
      return parseAt(place, await readSchemaFile(schema.file, name, place), name);
    }
    case 'sdl':
      return parseAt(place, schema.sdl, `the sdl of ${subgraph.name}`);
    case 'url':
      return parseAt(place, await fetchSdl(schema.url, schema.headers, place), schema.url);
  }
}

async function readSchemaFile(file: string, name: string, place: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    const missing = (cause as NodeJS.ErrnoException).code === 'ENOENT';
    const reason = missing ? 'there is no such file' : (cause as Error).message;
    throw invalid(`${place}: ${name}: ${reason}`, cause);
  }
}

/** Asks a running subgraph. What it answers is trusted no further than to be parsed. */
async function fetchSdl(
  url: string,
  headers: Readonly<Record<string, string>>,
  place: string,
): Promise<string> {
  const fail = (reason: string, cause?: unknown) => invalid(`${place}: ${url} ${reason}`, cause);
  let response: Response;
  let body: unknown;
  try {
    response = await fetch(url, {
      method: 'POST',
      // The headers may hold a secret, which is for this URL alone.
      redirect: 'error',
      headers: { ...headers, 'content-type': 'application/json', accept: 'application/json' },
      body: JSON.stringify({ query: SDL_QUERY }),
      signal: AbortSignal.timeout(FETCH_TIMEOUT_MS),
    });
    body = await response.json().catch(() => undefined);
  } catch (error) {
    throw fail(`cannot be asked: ${reasonOf(error)}`, error);
  }
  const answer = body as
    | { data?: { _service?: { sdl?: unknown } | null } | null; errors?: { message?: unknown }[] }
    | null
    | undefined;
  const sdl = answer?.data?._service?.sdl;
  if (typeof sdl === 'string') return sdl;
  const message = answer?.errors?.[0]?.message;
  const said = typeof message === 'string' ? `: ${message}` : '';
  throw fail(`did not answer { _service { sdl } } (HTTP ${response.status})${said}`);
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === 'TimeoutError') return `no answer within ${FETCH_TIMEOUT_MS / 1000} seconds`;
  const cause = error.cause;
  if (!(cause instanceof Error)) return error.message;
  return cause.message || ((cause as NodeJS.ErrnoException).code ?? error.message);
}

function parseAt(place: string, sdl: string, name: string): DocumentNode {
  try {
    return parse(new Source(sdl, name));
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error;
    const [at] = error.locations ?? [];
    const where = at === undefined ? name : `${name}:${at.line}:${at.column}`;
    throw invalid(`${where}: ${error.message} (${place})`, error);
  }
}

function invalid(message: string, cause?: unknown): CodedError {
  return new CodedError('SUPERGRAPH_CONFIG_INVALID', message, { cause });
}
