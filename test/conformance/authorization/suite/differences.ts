import { isDeepStrictEqual } from 'node:util';
import type { AnsweredError, Exchange, SuiteAnswer } from './ask-endpoint.ts';
import type { AuthorizationCase, ExpectedError, SuiteCaller } from './authorization-case.ts';
import type { SubgraphCall } from './serve-subgraphs.ts';

/** What of an expected error is not compared: the codes of another gateway, and what only some tell. */
export type Ignored = ReadonlySet<string>;

type ExpectedAnswer = Pick<AuthorizationCase['expect'], 'data' | 'errors'>;

/** Everything in which an answer, and the calls made for it, are not what a case says; nothing if it passes. */
export function differences(
  { expect }: AuthorizationCase,
  caller: SuiteCaller,
  { status, answers }: Exchange,
  calls: readonly SubgraphCall[],
  ignored: Ignored,
): string[] {
  const expected: readonly ExpectedAnswer[] = expect.answers ?? [expect];
  const found: string[] = [];
  if (!ignored.has('status') && status !== (expect.status ?? 200)) {
    found.push(`status ${status} instead of ${expect.status ?? 200}`);
  }
  if (answers.length !== expected.length) {
    return [...found, `${answers.length} answers instead of ${expected.length}`];
  }
  const code = caller.anonymous ? 'UNAUTHENTICATED' : 'FORBIDDEN';
  for (const [index, answer] of answers.entries()) {
    found.push(...inAnswer(expected[index] ?? {}, answer, code, ignored));
  }
  found.push(...inCalls(expect.calls, calls));
  const secret = expect.notAsked ?? expected.flatMap(({ errors = [] }) => errors.flatMap(guarded));
  for (const { subgraph, fields } of calls) {
    for (const coordinate of secret) {
      if (fields.has(coordinate)) found.push(`${subgraph} was asked for ${coordinate}`);
    }
  }
  return found;
}

/** The denied field of an error: no subgraph may be asked for it. */
function guarded({ coordinate }: ExpectedError): string[] {
  return coordinate === undefined ? [] : [coordinate];
}

function inAnswer(
  expected: ExpectedAnswer,
  { data, errors = [] }: SuiteAnswer,
  code: string,
  ignored: Ignored,
): string[] {
  const found: string[] = [];
  if (!isDeepStrictEqual(unordered(data), unordered(expected.data))) {
    found.push(`data ${JSON.stringify(data)} instead of ${JSON.stringify(expected.data)}`);
  }
  const left = [...errors];
  for (const error of expected.errors ?? []) {
    const wanted = { code, ...error };
    const index = left.findIndex((each) => isAsWanted(each, wanted, ignored));
    if (index === -1) found.push(`no error is ${JSON.stringify(wanted)}`);
    else left.splice(index, 1);
  }
  for (const each of left) found.push(`an error too many: ${JSON.stringify(each)}`);
  return found;
}

/** What introspection lists in no order that a specification gives. */
const unorderedLists: ReadonlySet<string> = new Set([
  'fields',
  'inputFields',
  'enumValues',
  'interfaces',
  'possibleTypes',
]);

function unordered(value: unknown, key = ''): unknown {
  if (Array.isArray(value)) {
    const items = value.map((each) => unordered(each));
    const textOf = (item: unknown): string => JSON.stringify(item) ?? '';
    return unorderedLists.has(key)
      ? items.sort((one, other) => textOf(one).localeCompare(textOf(other)))
      : items;
  }
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) => [name, unordered(each, name)]),
  );
}

function isAsWanted(
  { message, path, extensions }: AnsweredError,
  wanted: ExpectedError,
  ignored: Ignored,
): boolean {
  if (!isDeepStrictEqual(path, wanted.path)) return false;
  const told: Record<string, unknown> = {
    message,
    code: extensions?.code,
    coordinate: extensions?.authorization?.coordinate,
    missing: extensions?.authorization?.missing,
  };
  return Object.entries(wanted).every(
    ([name, value]) => name === 'path' || ignored.has(name) || told[name] === value,
  );
}

/** A list names the subgraphs that are called, a map says how often each one is. */
function inCalls(
  expected: AuthorizationCase['expect']['calls'],
  calls: readonly SubgraphCall[],
): string[] {
  if (expected === undefined) return [];
  const counts: Record<string, number> = {};
  for (const { subgraph } of calls) counts[subgraph] = (counts[subgraph] ?? 0) + 1;
  if (!Array.isArray(expected)) {
    return isDeepStrictEqual({ ...counts }, { ...expected })
      ? []
      : [`calls ${JSON.stringify(counts)} instead of ${JSON.stringify(expected)}`];
  }
  const called = Object.keys(counts).sort();
  return isDeepStrictEqual(called, [...expected].sort())
    ? []
    : [`calls to ${JSON.stringify(called)} instead of ${JSON.stringify(expected)}`];
}
