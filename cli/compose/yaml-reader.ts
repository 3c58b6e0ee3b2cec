import { isMap, isScalar, LineCounter, type Node, parseDocument } from 'yaml';
import { CodedError } from '#contract/errors.ts';
import { closest } from '../closest.ts';

/** Something in a YAML file: what is there, where it is, and the keys that lead to it. */
export interface Entry {
  readonly node: Node | null;
  /** `file:line:column: a.b.c` */
  readonly place: string;
  readonly path: readonly string[];
}

/** Reads a YAML file strictly; every mistake is an error that names file, line, column and key. */
export interface YamlReader {
  readonly root: Entry;
  /** The entries of a mapping, by key. With `allowed`, any other key is a mistake. */
  mapping(entry: Entry, allowed?: readonly string[]): ReadonlyMap<string, Entry>;
  /** A text that is not empty; `${env.NAME}` in it is expanded. */
  text(entry: Entry): string;
  fail(entry: Entry, message: string): CodedError;
}

/**
 * @param name how errors call the file
 * @throws CodedError SUPERGRAPH_CONFIG_INVALID for text that is not YAML
 */
export function createYamlReader(
  name: string,
  source: string,
  env: Readonly<Record<string, string | undefined>>,
): YamlReader {
  const lines = new LineCounter();
  const document = parseDocument<Node, false>(source, { lineCounter: lines, prettyErrors: false });
  const placeOf = (offset: number): string => {
    const { line, col } = lines.linePos(offset);
    return `${name}:${line}:${col}`;
  };
  const fail = (entry: Entry, message: string): CodedError =>
    new CodedError('SUPERGRAPH_CONFIG_INVALID', `${entry.place}: ${message}`);

  const [broken] = [...document.errors, ...document.warnings];
  if (broken !== undefined) {
    const place = placeOf(broken.pos[0]);
    throw new CodedError('SUPERGRAPH_CONFIG_INVALID', `${place}: ${broken.message}`);
  }

  return {
    root: { node: document.contents, place: placeOf(0), path: [] },
    fail,
    mapping(entry, allowed) {
      if (!isMap<Node, Node | null>(entry.node)) throw fail(entry, 'must be a mapping');
      const entries = new Map<string, Entry>();
      for (const { key, value } of entry.node.items) {
        const at = placeOf(key.range?.[0] ?? 0);
        if (!isScalar(key) || typeof key.value === 'object') {
          throw fail({ ...entry, place: at }, 'a key must be a name');
        }
        const path = [...entry.path, String(key.value)];
        const found = { node: value, place: `${at}: ${path.join('.')}`, path };
        if (allowed !== undefined && !allowed.includes(String(key.value))) {
          throw fail(found, `unknown key; ${hintFor(String(key.value), allowed)}`);
        }
        entries.set(String(key.value), found);
      }
      return entries;
    },
    text(entry) {
      const value = isScalar(entry.node) ? entry.node.value : undefined;
      if (typeof value !== 'string' || value.trim() === '') throw fail(entry, 'must be a text');
      return value.replaceAll(/\$\{([^}]*)\}/g, (_, expression: string) => {
        const [, variable] = /^env\.(\w+)$/.exec(expression.trim()) ?? [];
        if (variable === undefined) {
          throw fail(entry, `\${${expression}} cannot be expanded; only \${env.NAME} can`);
        }
        const expanded = env[variable];
        if (expanded === undefined) {
          throw fail(entry, `the environment variable ${variable} is not set`);
        }
        return expanded;
      });
    },
  };
}

function hintFor(key: string, allowed: readonly string[]): string {
  const likely = closest(key, allowed);
  return likely === undefined ? `there are: ${allowed.join(', ')}` : `did you mean ${likely}?`;
}
