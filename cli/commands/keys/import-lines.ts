import { type Static, Type } from 'typebox';
import { Value } from 'typebox/value';
import { CodedError } from '#contract/errors.ts';
import { scopeOfPermission } from '#contract/permissions/scope.ts';
import type { ImportedKeyInput } from '#subgraphs/identity/key-import/import-keys.ts';
import { parseDateTime } from '#subgraphs/kit/index.ts';

const optionalText = Type.Optional(Type.Union([Type.String(), Type.Null()]));

const line = Type.Object(
  {
    name: Type.String(),
    hash: Type.String(),
    permissions: Type.Optional(
      Type.Array(Type.Union([Type.Literal('READ'), Type.Literal('WRITE'), Type.Literal('ADMIN')])),
    ),
    scopes: Type.Optional(Type.Array(Type.String())),
    grants: Type.Optional(Type.Array(Type.Unknown())),
    expiresIn: optionalText,
    expiresAt: optionalText,
    ownerId: optionalText,
    serviceAccountId: optionalText,
  },
  { additionalProperties: false },
);

/** A key of another system, and the line of the input that it stands in, from 1. */
export interface ImportLine {
  readonly number: number;
  readonly key: ImportedKeyInput;
}

/** Lines are short: a hundred grants fit. What is longer is something else. */
const MAX_LINE_LENGTH = 65_536;
const MAX_LINES = 100_000;

/**
 * The keys of JSON lines; empty lines are passed over.
 * @throws CodedError BAD_USER_INPUT naming the first line that is none, and repeating nothing of it
 */
export async function readImportLines(
  input: AsyncIterable<Uint8Array | string>,
): Promise<readonly ImportLine[]> {
  const found: ImportLine[] = [];
  let number = 0;
  for await (const text of linesOf(input)) {
    number += 1;
    if (text.trim() === '') continue;
    if (found.length === MAX_LINES) throw refusal(number, `there are more than ${MAX_LINES} keys`);
    found.push({ number, key: readLine(text, number) });
  }
  return found;
}

function readLine(text: string, number: number): ImportedKeyInput {
  const value = parse(text);
  if (!Value.Check(line, value)) throw refusal(number, mistakeIn(value));
  const { expiresAt, ...key } = value;
  if (expiresAt === undefined || expiresAt === null) return key;
  const at = parseDateTime(expiresAt);
  if (at === null) throw refusal(number, '"expiresAt" looks like 2030-01-31T08:00:00Z');
  return { ...key, expiresAt: at };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The parser's message quotes what it read.
    return undefined;
  }
}

function mistakeIn(value: unknown): string {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return 'a line is a JSON object: {"name": "…", "hash": "…"}';
  }
  const known = Object.keys(line.properties);
  // A member that nobody knows may be the name of a secret; those that are known are not.
  if (Object.keys(value).some((name) => !known.includes(name))) {
    return `its members are ${known.join(', ')}`;
  }
  const [mistake] = Value.Errors(line, value);
  const at = mistake?.instancePath.split('/')[1] ?? '';
  if (known.includes(at)) return `"${at}" is ${wanted[at as keyof Static<typeof line>]}`;
  return '"name" and "hash" have to be there';
}

const wanted: Readonly<Record<keyof Static<typeof line>, string>> = {
  name: 'a text',
  hash: 'a text: the SHA-256 of the key, as hex or base64',
  permissions: `a list of ${Object.keys(scopeOfPermission).join(', ')}`,
  scopes: 'a list of texts',
  grants: 'a list of grants',
  expiresIn: 'a text, such as 30d',
  expiresAt: 'a time',
  ownerId: 'the id of a person',
  serviceAccountId: 'the id of a service account',
};

async function* linesOf(input: AsyncIterable<Uint8Array | string>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  let number = 1;
  for await (const chunk of input) {
    rest += typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true });
    const lines = rest.split('\n');
    rest = lines.pop() ?? '';
    number += lines.length;
    yield* lines;
    if (rest.length > MAX_LINE_LENGTH) throw refusal(number, 'the line is too long');
  }
  if (rest !== '') yield rest;
}

function refusal(number: number, message: string): CodedError {
  return new CodedError('BAD_USER_INPUT', `line ${number}: ${message}`);
}
