import type { ExpectedError, FederationCase } from './federation-case.ts';

interface AnswerError {
  readonly message?: string;
  readonly path?: readonly (string | number)[];
  readonly extensions?: { readonly code?: string };
}

/** What an answer and the calls behind it have that a case does not expect, and the reverse; empty when it is right. */
export function differences(
  expected: FederationCase,
  text: string,
  calls: readonly string[],
): string[] {
  let answer: { readonly data?: unknown; readonly errors?: readonly AnswerError[] };
  try {
    answer = JSON.parse(text);
  } catch {
    return [`the answer is no JSON: ${text}`];
  }
  const found: string[] = [];
  const refused = expected.data === undefined && (answer.data ?? null) === null;
  if (!refused && JSON.stringify(answer.data) !== JSON.stringify(expected.data)) {
    found.push(`data ${JSON.stringify(answer.data)} instead of ${JSON.stringify(expected.data)}`);
  }
  const unexpected = [...(answer.errors ?? [])];
  for (const error of expected.errors ?? []) {
    const at = unexpected.findIndex((candidate) => matches(candidate, error));
    if (at === -1) found.push(`no error ${JSON.stringify(error)}`);
    else unexpected.splice(at, 1);
  }
  found.push(...unexpected.map((error) => `unexpected error ${JSON.stringify(error)}`));
  const called = [...calls].sort().join(', ');
  if (expected.calls !== undefined && called !== expected.calls.join(', ')) {
    found.push(`calls [${called}] instead of [${expected.calls.join(', ')}]`);
  }
  return found;
}

function matches(error: AnswerError, { path, message, code }: ExpectedError): boolean {
  return (
    (path === undefined || JSON.stringify(error.path) === JSON.stringify(path)) &&
    (message === undefined || error.message === message) &&
    (code === undefined || error.extensions?.code === code)
  );
}
