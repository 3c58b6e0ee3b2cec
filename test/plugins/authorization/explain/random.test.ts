import assert from 'node:assert/strict';
import fc from 'fast-check';
import { print, validate } from 'graphql';
import t from 'tap';
import { type Caller, openCaller } from '#contract/caller.ts';
import { allPermissions } from '#contract/permissions/scope.ts';
import {
  type RandomOperation,
  randomOperation,
} from '#test/conformance/federation/random-operation.ts';
import {
  type Answered,
  type ExplainedGateway,
  startExplained,
} from '../support/explained-gateway.ts';
import { magazine } from './graphs/magazine.ts';
import { shop } from './graphs/shop.ts';
import { randomCaller } from './random-caller.ts';

/** `EXPLAIN_RUNS=10000 EXPLAIN_SEED=$RANDOM` looks further than every run does. */
const runs = Number(process.env.EXPLAIN_RUNS ?? 700);
const seed = Number(process.env.EXPLAIN_SEED ?? 20_261);

const modes = ['filter', 'filter', 'filter', 'reject', 'hide'] as const;
const graphs = { magazine, shop };

/** Whoever may do everything, and whom every policy lets: what there is to be answered. */
const everybody: Caller = {
  ...openCaller,
  kind: 'session',
  subject: 'all',
  permissions: { ...allPermissions, scopes: [...allPermissions.scopes, 's1', 's2', 's3'] },
};
const policyNames = ['p1', 'p2', 'p3'];

const policies = Object.fromEntries(
  policyNames.map((name) => [
    name,
    (_: Caller, request: { readonly headers: Readonly<Record<string, unknown>> }) =>
      String(request.headers.says).split(',').includes(name),
  ]),
);

const EXPLAIN = `query ($operation: String!, $variables: JSON, $apiKeyId: ID) {
  explainAccess(operation: $operation, variables: $variables, apiKeyId: $apiKeyId) {
    outcome code mode subgraphs
    fields { path coordinate outcome missing policies }
    policies { name granted }
  }
}`;

interface Explanation {
  readonly outcome: string;
  readonly code: string | null;
  readonly subgraphs: readonly string[];
  readonly fields: readonly Explained[];
  readonly policies: readonly { readonly name: string; readonly granted: boolean | null }[];
}

interface Explained {
  readonly path: readonly string[];
  readonly coordinate: string;
  readonly outcome: 'ALLOW' | 'DENY' | 'CONDITIONAL';
  readonly missing: string | null;
  readonly policies: readonly string[];
}

interface Pair {
  readonly caller: Caller;
  readonly operation: RandomOperation;
  readonly says: readonly string[];
  readonly isByOther: boolean;
}

/** What was met, so that a test that has met nothing is no proof. */
const met = { denied: 0, allowed: 0, conditional: 0, undecided: 0, refused: 0, calls: 0 };

t.setTimeout(1_800_000);

for (const [name, graph] of Object.entries(graphs)) {
  for (const mode of new Set(modes)) {
    t.test(`what is explained is what is done: ${name}, ${mode}`, async (t) => {
      const gateway = await startExplained(t, graph, { mode, policies: policies as never });
      const share = modes.filter((each) => each === mode).length / modes.length;
      const numRuns = Math.ceil((runs / Object.keys(graphs).length) * share);
      const pairs = fc.record({
        caller: randomCaller(gateway.schema, Object.keys(graph)),
        operation: randomOperation(gateway.schema, {
          ids: ['1', '2', 'none'],
          maxDepth: 5,
          maxFields: 20,
        }),
        says: fc.subarray(policyNames),
        isByOther: fc.boolean(),
      });
      const property = fc.asyncProperty(pairs, async (pair) => {
        fc.pre(validate(gateway.schema, pair.operation.document).length === 0);
        await check(gateway, pair);
      });
      await fc.assert(property, { numRuns, seed, endOnFailure: true, includeErrorInReport: true });
      t.pass(`${numRuns} explanations say what is done`);
    });
  }
}

t.test('all kinds of verdicts were met', async (t) => {
  for (const [kind, count] of Object.entries(met)) t.ok(count >= runs / 100, `${kind}: ${count}`);
});

async function check(gateway: ExplainedGateway, pair: Pair): Promise<void> {
  const { caller, operation, says, isByOther } = pair;
  const query = print(operation.document);
  const { variables } = operation;
  const headers = { says: says.join(',') };
  gateway.identity.add('text', caller);
  gateway.calls.length = 0;
  const asker = isByOther ? { ...everybody, subject: 'another' } : caller;
  const explained = await gateway.ask(
    asker,
    {
      query: EXPLAIN,
      variables: { operation: query, variables, apiKeyId: isByOther ? 'key_1' : null },
    },
    // Somebody else sees everything.
    isByOther ? { says: policyNames.join(',') } : headers,
  );
  assert.deepEqual(gateway.calls, [], 'no subgraph is called to explain');

  const answer = await gateway.ask(caller, { query, variables }, headers);
  const called = [...new Set(gateway.calls)].sort();
  met.calls += called.length;
  const explanation = explained.data?.explainAccess as Explanation | null | undefined;
  if (!explanation) {
    // In this mode nobody is told of what they do not see, not even about themselves.
    const mistakes = explained.errors?.[0]?.extensions;
    assert.equal(isByOther, false, JSON.stringify(explained));
    assert.equal(mistakes?.code, answer.errors?.[0]?.extensions.code, JSON.stringify(explained));
    assert.equal(explained.errors?.[0]?.message, answer.errors?.[0]?.message);
    assert.deepEqual(called, []);
    met.refused += 1;
    return;
  }
  const isOpen = explanation.policies.some(({ granted }) => granted === null);
  met.undecided += isOpen ? 1 : 0;
  if (!isOpen) {
    assert.deepEqual(explanation.subgraphs, called, 'the subgraphs');
    assert.equal(explanation.code, refusalOf(answer), 'the refusal of the whole');
  } else {
    const beyond = called.filter((each) => !explanation.subgraphs.includes(each));
    if (explanation.code === null) assert.deepEqual(beyond, []);
  }
  if (refusalOf(answer) !== null) {
    met.refused += 1;
    return;
  }
  const whole = await gateway.ask(everybody, { query, variables }, { says: policyNames.join(',') });
  assert.equal(whole.errors, undefined, 'nothing is denied to whoever may do everything');
  checkFields(explanation.fields, answer, whole, isOpen);
  if (!isOpen) checkOutcome(explanation, answer);
}

/** The code of an answer that holds nothing but errors. */
function refusalOf({ data, errors = [] }: Answered): string | null {
  return data === undefined || data === null ? String(errors[0]?.extensions.code) : null;
}

/** Of types that no object here is of nothing is answered, and so nothing is denied. */
function checkOutcome({ outcome, fields }: Explanation, { errors }: Answered): void {
  const isDenied = fields.some((field) => field.outcome === 'DENY');
  assert.equal(outcome === 'ALLOWED', !isDenied, `the outcome ${outcome}`);
  if (errors !== undefined) assert.notEqual(outcome, 'ALLOWED');
}

function checkFields(
  fields: readonly Explained[],
  answer: Answered,
  whole: Answered,
  isOpen: boolean,
): void {
  const byPath = Map.groupBy(fields, ({ path }) => path.join('.'));
  const isIn = (path: readonly string[], outcomes: readonly string[]): boolean =>
    (byPath.get(path.join('.')) ?? []).some(({ outcome }) => outcomes.includes(outcome));
  const denials = (answer.errors ?? []).map(({ path = [], extensions }) => ({
    path: path.filter((each) => typeof each === 'string'),
    ...(extensions.authorization as { readonly coordinate: string; readonly missing: string }),
  }));
  for (const { path, coordinate, missing } of denials) {
    const told = fields.some(
      (each) =>
        each.coordinate === coordinate &&
        // A policy that was not asked is not missing.
        (isOpen || (each.outcome === 'DENY' && each.missing === missing)) &&
        (each.outcome === 'DENY' || each.policies.length > 0),
    );
    assert.ok(told, `${path.join('.')}: ${coordinate} is denied, ${missing} is missing`);
  }
  for (const [name, here] of byPath) {
    const [{ path }] = here as [Explained];
    const above = path.slice(0, -1).map((_, index) => path.slice(0, index + 1));
    if (above.some((each) => isIn(each, ['DENY']) || dependsOnPolicy(byPath.get(each.join('.')))))
      continue;
    const there = valuesAt(whole.data, path);
    // Types that no object here is of.
    if (there.length === 0) continue;
    const values = valuesAt(answer.data, path);
    if (here.every(({ outcome }) => outcome === 'DENY')) {
      met.denied += 1;
      assert.ok(
        values.every((value) => value === null),
        `${name} is denied and answered`,
      );
      const isTold = denials.some((each) => each.path.join('.') === name);
      assert.ok(isTold, `${name} is denied and no error says so`);
    } else if (here.every((each) => each.outcome !== 'DENY' && each.policies.length === 0)) {
      if (isIn(path, ['CONDITIONAL'])) met.conditional += 1;
      else met.allowed += 1;
      assert.equal(values.length, there.length, `${name} is allowed and missing`);
      values.forEach((value, index) => {
        const expected = there[index];
        const isLeaf = typeof expected !== 'object';
        if (isLeaf) assert.equal(value, expected, `${name} is allowed and another value`);
        else assert.notEqual(value, null, `${name} is allowed and null`);
      });
    }
  }
}

function dependsOnPolicy(here: readonly Explained[] | undefined): boolean {
  return here?.some(({ policies }) => policies.length > 0) ?? false;
}

/** All that stands at the place where these response keys lead, through lists. */
function valuesAt(value: unknown, path: readonly string[]): readonly unknown[] {
  if (Array.isArray(value)) return value.flatMap((each) => valuesAt(each, path));
  const [key, ...rest] = path;
  if (key === undefined) return [value];
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return [];
  return valuesAt((value as Readonly<Record<string, unknown>>)[key], rest);
}
