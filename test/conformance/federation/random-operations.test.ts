import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  buildClientSchema,
  type GraphQLSchema,
  getIntrospectionQuery,
  print,
  validate,
} from 'graphql';
import t from 'tap';
import { abstractTypes } from './cases/abstract-types.ts';
import { conditions } from './cases/conditions.ts';
import { federation1 } from './cases/federation-1.ts';
import { interfaceObject } from './cases/interface-object.ts';
import { intersections } from './cases/intersections.ts';
import { keyKinds } from './cases/key-kinds.ts';
import { keys } from './cases/keys.ts';
import { partialKnowledge } from './cases/partial-knowledge.ts';
import { provides } from './cases/provides.ts';
import { requires } from './cases/requires.ts';
import { requiresAbstractTypes } from './cases/requires-abstract-types.ts';
import { requiresArguments } from './cases/requires-arguments.ts';
import { requiresCircles } from './cases/requires-circles.ts';
import { shareable } from './cases/shareable.ts';
import type { Graph, GraphRequest } from './federation-case.ts';
import { misleadingAliases, renameKeys } from './misleading-aliases.ts';
import { plainOperation, withoutPlaceholders } from './plain-operation.ts';
import type { PlannerName } from './planners.ts';
import { type RandomOperation, randomOperation } from './random-operation.ts';
import { type RunningGraph, startGraph } from './start-graph.ts';

/** `FEDERATION_RUNS=5000 FEDERATION_SEED=$RANDOM` looks further than every run does. */
const runs = Number(process.env.FEDERATION_RUNS ?? 120);
const seed = Number(process.env.FEDERATION_SEED ?? 20_260);

const IDS = ['1', '2', 'p1', 's1', 'none'];

/** Graphs about whose every operation the oracle is right, once conditions are resolved and aliases tell nothing. */
const graphs: readonly Graph[] = [
  pick(keys, 'one type with several keys'),
  ...abstractTypes,
  pick(intersections, 'child types of differing nullability'),
  pick(provides, '@provides on interfaces and unions'),
  pick(requires, '@requires in chains'),
  pick(requires, '@requires of nested fields'),
  pick(requiresAbstractTypes, '@requires of abstract types'),
  pick(federation1, 'schemas of Federation 1, without @link'),
  pick(shareable, 'shared roots and value types'),
  pick(conditions, '@skip and @include'),
];

/** Graphs about which the oracle is wrong at times: there two planners answer alike, or one makes no plan. */
const planned: readonly Graph[] = [
  pick(interfaceObject, '@interfaceObject'),
  ...requiresArguments,
  ...requiresCircles,
  pick(partialKnowledge, 'members of a union behind shared fields'),
  pick(partialKnowledge, 'an @interfaceObject without fields of its own'),
  ...keyKinds,
  ...shareable,
];

t.setTimeout(120_000);

for (const graph of graphs) {
  t.test(`random operations: ${graph.name}`, async (t) => {
    const running = await startGraph(graph);
    t.teardown(() => running.close());
    const schema = await schemaOf(running);
    const operations = randomOperation(schema, {
      ids: IDS,
      maxDepth: 5,
      maxFields: 24,
    });
    const property = fc.asyncProperty(operations, async (operation) => {
      // Two fields of one key can have been given different arguments.
      fc.pre(validate(schema, operation.document).length === 0);
      await checkAnswers(running, schema, operation);
    });
    const numRuns = Math.ceil(runs / graphs.length);
    // The generator's choices do not shrink to anything that is easier to read.
    await fc.assert(property, {
      numRuns,
      seed,
      endOnFailure: true,
      includeErrorInReport: true,
    });
    t.pass(`${numRuns} answers are those of the oracle`);
  });
}

for (const graph of planned) {
  t.test(`random operations by two planners: ${graph.name}`, async (t) => {
    const running = await startGraph(graph);
    t.teardown(() => running.close());
    const schema = await schemaOf(running);
    const operations = randomOperation(schema, {
      ids: [...IDS, 'm1', 'm2'],
      maxDepth: 5,
      maxFields: 24,
    });
    let compared = 0;
    const property = fc.asyncProperty(operations, async (operation) => {
      fc.pre(validate(schema, operation.document).length === 0);
      const plain = plainOperation(operation);
      const apollo = await dataOf(running, 'apollo', plain);
      if (isUnplannable(apollo)) return;
      assert.deepEqual(apollo, await dataOf(running, 'auto', plain));
      compared += 1;
    });
    const numRuns = Math.ceil(runs / graphs.length);
    await fc.assert(property, { numRuns, seed, endOnFailure: true, includeErrorInReport: true });
    t.ok(compared > 0, `${compared} of ${numRuns} answers were compared`);
  });
}

function isUnplannable(answer: unknown): boolean {
  const { errors } = answer as { errors?: { extensions?: { code?: string } }[] };
  return errors?.[0]?.extensions?.code === 'OPERATION_UNPLANNABLE';
}

async function checkAnswers(
  running: RunningGraph,
  schema: GraphQLSchema,
  operation: RandomOperation,
): Promise<void> {
  const answer = await dataOf(running, 'auto', operation);
  const plain = plainOperation(operation);
  const oracle = withoutPlaceholders(await running.oracle?.ask(requestOf(plain)));
  // The oracle joins fragments before it looks at the order of their fields.
  assert.deepEqual(answer, oracle, 'the answer and that of the oracle');

  const apollo = withoutPlaceholders(await dataOf(running, 'apollo', plain));
  assert.equal(JSON.stringify(apollo), JSON.stringify(answer), 'the answers of two planners');

  const { document, original } = misleadingAliases(operation.document, schema);
  const misled = renameKeys(await dataOf(running, 'auto', { ...operation, document }), original);
  assert.equal(
    JSON.stringify(misled),
    JSON.stringify(answer),
    `the same asked as ${print(document)}`,
  );
}

async function schemaOf(running: RunningGraph): Promise<GraphQLSchema> {
  const answer = await answerOf(running, 'auto', { query: getIntrospectionQuery() });
  return buildClientSchema(answer as never);
}

async function dataOf(
  running: RunningGraph,
  planner: PlannerName,
  operation: RandomOperation,
): Promise<unknown> {
  return answerOf(running, planner, requestOf(operation));
}

/** The data of an answer; of one that has none, why. */
async function answerOf(
  { gateways }: RunningGraph,
  planner: PlannerName,
  request: GraphRequest,
): Promise<unknown> {
  const text = (await gateways.get(planner)?.(request)) ?? '{}';
  const { data, errors } = JSON.parse(text);
  return data ?? { errors };
}

function requestOf({ document, variables }: RandomOperation): GraphRequest {
  return { query: print(document), variables };
}

function pick(topic: readonly Graph[], name: string): Graph {
  const graph = topic.find((each) => each.name === name);
  if (graph === undefined) throw new TypeError(`there is no graph "${name}" any more`);
  return graph;
}
