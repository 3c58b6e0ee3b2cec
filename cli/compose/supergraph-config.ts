import { readFileSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';
import { CodedError } from '#contract/errors.ts';
import { createYamlReader, type Entry, type YamlReader } from './yaml-reader.ts';

/** Where the schema of a subgraph comes from. */
export type SchemaSource =
  | { readonly kind: 'file'; readonly file: string }
  | { readonly kind: 'sdl'; readonly sdl: string }
  | {
      readonly kind: 'url';
      readonly url: string;
      readonly headers: Readonly<Record<string, string>>;
    };

export interface SubgraphConfig {
  readonly name: string;
  readonly routingUrl: string;
  readonly schema: SchemaSource;
  /** Where the file speaks of its schema: `file:line:column: keys`. */
  readonly place: string;
}

/** `supergraph.yaml`, checked; subgraphs in the order of their names. */
export interface SupergraphConfig {
  /** The newest federation specification that a subgraph may link, null for any that we know. */
  readonly federationVersion: string | null;
  readonly subgraphs: readonly SubgraphConfig[];
}

/**
 * Reads rover's `supergraph.yaml`.
 *
 * @param env what `${env.NAME}` expands to
 * @param cwd what the file's name in errors is relative to
 * @throws CodedError SUPERGRAPH_CONFIG_INVALID naming file, line, column and key of the mistake
 */
export function readSupergraphConfig(
  file: string,
  env: Readonly<Record<string, string | undefined>>,
  cwd: string,
): SupergraphConfig {
  const name = relative(cwd, file) || file;
  const reader = createYamlReader(name, read(file, name), env);
  const top = reader.mapping(reader.root, ['federation_version', 'subgraphs']);
  const listed = top.get('subgraphs');
  if (listed === undefined) throw reader.fail(reader.root, 'the key subgraphs is missing');
  const subgraphs = [...reader.mapping(listed)].map(([subgraph, entry]) =>
    readSubgraph(reader, subgraph, entry, dirname(file)),
  );
  if (subgraphs.length === 0) throw reader.fail(listed, 'names no subgraph');
  subgraphs.sort((a, b) => (a.name < b.name ? -1 : 1));
  return { federationVersion: readVersion(reader, top.get('federation_version')), subgraphs };
}

function read(file: string, name: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    const reason =
      (cause as NodeJS.ErrnoException).code === 'ENOENT' ? 'there is no such file' : '';
    const message = `${name}: ${reason || (cause as Error).message}`;
    throw new CodedError('SUPERGRAPH_CONFIG_INVALID', message, { cause });
  }
}

/** `2`, `latest-2`, `=2.9.0` or `v2.9.0`, as rover writes them. */
function readVersion(reader: YamlReader, entry: Entry | undefined): string | null {
  if (entry === undefined) return null;
  const text = String(entry.node?.toJSON() ?? '');
  if (text === '2' || text === 'latest-2') return null;
  const exact = /^[=v](2\.\d+\.\d+(?:-[\w.]+)?)$/.exec(text)?.[1];
  if (exact !== undefined) return exact;
  throw reader.fail(entry, `must be 2, or an exact version of Federation 2 such as =2.9.0`);
}

function readSubgraph(reader: YamlReader, name: string, entry: Entry, folder: string) {
  if (!/^[a-zA-Z][\w-]{0,63}$/.test(name)) {
    throw reader.fail(
      entry,
      'a name starts with a letter and goes on with letters, digits, _ or -',
    );
  }
  const keys = reader.mapping(entry, ['routing_url', 'schema']);
  const schemaEntry = keys.get('schema');
  if (schemaEntry === undefined) throw reader.fail(entry, 'the key schema is missing');
  const schema = readSchema(reader, schemaEntry, folder);
  const routing = keys.get('routing_url');
  const routingUrl =
    routing !== undefined ? readUrl(reader, routing) : schema.kind === 'url' ? schema.url : null;
  if (routingUrl === null) throw reader.fail(entry, 'the key routing_url is missing');
  return { name, routingUrl, schema, place: schemaEntry.place } satisfies SubgraphConfig;
}

const schemaKeys = [
  'file',
  'sdl',
  'subgraph_url',
  'introspection_headers',
  'graphref',
  'subgraph',
] as const;

function readSchema(reader: YamlReader, entry: Entry, folder: string): SchemaSource {
  const keys = reader.mapping(entry, schemaKeys);
  const registry = keys.get('graphref') ?? keys.get('subgraph');
  if (registry !== undefined) {
    const instead = 'use file, sdl or subgraph_url';
    throw reader.fail(registry, `needs a schema registry, and composing is offline; ${instead}`);
  }
  const [file, sdl, url] = [keys.get('file'), keys.get('sdl'), keys.get('subgraph_url')];
  if ([file, sdl, url].filter((source) => source !== undefined).length !== 1) {
    throw reader.fail(entry, 'needs exactly one of file, sdl and subgraph_url');
  }
  const headers = keys.get('introspection_headers');
  if (headers !== undefined && url === undefined) {
    throw reader.fail(headers, 'goes with subgraph_url only');
  }
  if (file !== undefined) return { kind: 'file', file: resolve(folder, reader.text(file)) };
  if (sdl !== undefined) return { kind: 'sdl', sdl: reader.text(sdl) };
  if (url === undefined) throw new TypeError('one of the three is there');
  return { kind: 'url', url: readUrl(reader, url), headers: readHeaders(reader, headers) };
}

function readHeaders(reader: YamlReader, entry: Entry | undefined): Record<string, string> {
  if (entry === undefined) return {};
  const pairs = [...reader.mapping(entry)].map(([name, value]) => [name, reader.text(value)]);
  return Object.fromEntries(pairs);
}

function readUrl(reader: YamlReader, entry: Entry): string {
  const text = reader.text(entry);
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol)) {
    throw reader.fail(entry, 'must be an http:// or https:// URL');
  }
  return text;
}
