/** One payload of an answer in parts. */
export interface Part {
  readonly data?: unknown;
  readonly errors?: readonly unknown[];
  readonly incremental?: readonly {
    readonly id?: string;
    readonly path?: Path;
    readonly label?: string;
    readonly data: unknown;
    readonly errors?: readonly unknown[];
  }[];
  readonly pending?: readonly {
    readonly id: string;
    readonly path: Path;
    readonly label?: string;
  }[];
  readonly completed?: readonly { readonly id: string; readonly errors?: readonly unknown[] }[];
  readonly hasNext: boolean;
}

type Path = readonly (string | number)[];

/** The JSON bodies of a whole multipart text (RFC 2046), which has to be well formed. */
export function readParts(text: string, boundary = '-'): Part[] {
  const delimiter = `--${boundary}`;
  if (!text.startsWith(delimiter)) throw new TypeError(`the text begins with ${text.slice(0, 40)}`);
  if (!text.endsWith(`${delimiter}--\r\n`)) throw new TypeError(`it ends with ${text.slice(-40)}`);
  return text
    .slice(delimiter.length, -`${delimiter}--\r\n`.length)
    .split(delimiter)
    .map((part) => {
      const [head, body, ...rest] = part.split('\r\n\r\n');
      if (
        body === undefined ||
        rest.length > 0 ||
        !/content-type: application\/json/i.test(head ?? '')
      ) {
        throw new TypeError(`not a part: ${part}`);
      }
      return JSON.parse(body) as Part;
    });
}

/** The answer that a client has when all parts have come; of either format. */
export function joinParts(parts: readonly Part[]): { data: unknown; errors: unknown[] } {
  const [initial, ...others] = parts;
  if (initial === undefined) throw new TypeError('there is no part');
  const errors = [...(initial.errors ?? [])];
  const root = { data: structuredClone(initial.data) };
  const pathOf = new Map<string, Path>();
  parts.forEach((part, index) => {
    for (const { id, path } of part.pending ?? []) pathOf.set(id, path);
    if (part.hasNext !== index < parts.length - 1) throw new TypeError('hasNext is wrong');
  });
  for (const { incremental = [], completed = [] } of others) {
    for (const { id, path: own, data, errors: more = [] } of incremental) {
      const path = own ?? pathOf.get(id ?? '');
      if (path === undefined) throw new TypeError(`nobody announced ${id}`);
      errors.push(...more);
      if (data !== null) mergeInto(at(root, ['data', ...path]), data);
    }
    for (const each of completed) {
      if (!pathOf.delete(each.id)) throw new TypeError(`${each.id} is completed twice`);
      errors.push(...(each.errors ?? []));
    }
  }
  if (pathOf.size > 0) throw new TypeError('not everything that was announced has come');
  return { data: root.data, errors };
}

function at(root: unknown, path: Path): Record<string, unknown> {
  let value: unknown = root;
  for (const key of path) value = (value as Record<string | number, unknown>)?.[key];
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new TypeError(`no object at ${path.join('.')}`);
  }
  return value as Record<string, unknown>;
}

function mergeInto(target: Record<string, unknown>, source: unknown): void {
  for (const [key, value] of Object.entries(source as object)) {
    const present = target[key];
    if (typeof present !== 'object' || present === null || typeof value !== 'object') {
      target[key] = value;
    } else {
      mergeInto(present as Record<string, unknown>, value);
    }
  }
}
