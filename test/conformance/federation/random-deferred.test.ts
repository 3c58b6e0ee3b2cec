import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  buildClientSchema,
  type DirectiveNode,
  type DocumentNode,
  getIntrospectionQuery,
  Kind,
  print,
  type SelectionNode,
  validate,
  visit,
} from 'graphql';
import t from 'tap';
import { joinParts, readParts } from '#test/support/read-parts.ts';
import { abstractTypes } from './cases/abstract-types.ts';
import { keys } from './cases/keys.ts';
import { partialKnowledge } from './cases/partial-knowledge.ts';
import { requires } from './cases/requires.ts';
import { requiresArguments } from './cases/requires-arguments.ts';
import { requiresCircles } from './cases/requires-circles.ts';
import { shareable } from './cases/shareable.ts';
import type { GraphRequest } from './federation-case.ts';
import { type RandomOperation, randomOperation } from './random-operation.ts';
import { type RunningGraph, startGraph } from './start-graph.ts';

/** `FEDERATION_RUNS=5000 FEDERATION_SEED=$RANDOM` looks further than every run does. */
const runs = Number(process.env.FEDERATION_RUNS ?? 120);
const seed = Number(process.env.FEDERATION_SEED ?? 20_261);
const graphs = [
  ...keys.slice(0, 2),
  ...abstractTypes.slice(0, 2),
  ...requires.slice(0, 2),
  ...requiresArguments,
  ...requiresCircles,
  shareable[0],
  partialKnowledge[0],
];

t.setTimeout(120_000);

for (const graph of graphs) {
  if (graph === undefined) throw new TypeError('a graph is missing');
  t.test(`what is deferred at random arrives in the end: ${graph.name}`, async (t) => {
    const running = await startGraph(graph);
    t.teardown(() => running.close());
    const introspection = await ask(running, { query: getIntrospectionQuery() });
    const schema = buildClientSchema(JSON.parse(introspection).data);
    const operations = randomOperation(schema, {
      ids: ['1', '2', 'p1', 's1', 'none'],
      maxDepth: 4,
      maxFields: 16,
    });
    const property = fc.asyncProperty(operations, fc.gen(), async (operation, g) => {
      const deferred = deferSome(operation.document, (below) => g(fc.nat, { max: below - 1 }));
      fc.pre(validate(schema, deferred).length === 0);
      await checkParts(running, { ...operation, document: deferred });
    });
    const numRuns = Math.ceil(runs / graphs.length);
    await fc.assert(property, { numRuns, seed, endOnFailure: true, includeErrorInReport: true });
    t.pass(`${numRuns} answers in parts are those in one piece`);
  });
}

async function checkParts(running: RunningGraph, { document, variables }: RandomOperation) {
  const query = print(document);
  const whole = JSON.parse(await ask(running, { query, variables }));
  if (whole.errors !== undefined) return;
  for (const spec of ['deferSpec=20220824', 'incrementalSpec=v0.2']) {
    const text = await ask(running, { query, variables }, `multipart/mixed;${spec}`);
    const parts = text.startsWith('--') ? readParts(text) : [JSON.parse(text)];
    const isInParts = parts[0].hasNext !== undefined;
    const joined = isInParts ? joinParts(parts) : parts[0];
    // A part may have to ask for an entity again that the whole has got with its parent, and not get it.
    if (joined.errors?.length > 0) continue;
    assert.deepEqual(joined.data, whole.data, `${spec}: ${query}`);
  }
}

async function ask(running: RunningGraph, request: GraphRequest, accept?: string): Promise<string> {
  return (await running.gateways.get('auto')?.(request, accept)) ?? '';
}

/** The document with `@defer` on some of its fragments, and around some of its fields. */
function deferSome(document: DocumentNode, choose: (below: number) => number): DocumentNode {
  return visit(document, {
    SelectionSet: {
      leave(node) {
        const selections = node.selections.map((selection): SelectionNode => {
          if (choose(4) > 0) return selection;
          if (selection.kind !== Kind.FIELD) {
            return { ...selection, directives: [...(selection.directives ?? []), defer] };
          }
          return {
            kind: Kind.INLINE_FRAGMENT,
            directives: [defer],
            selectionSet: { kind: Kind.SELECTION_SET, selections: [selection] },
          };
        });
        return { ...node, selections };
      },
    },
  });
}

const defer: DirectiveNode = {
  kind: Kind.DIRECTIVE,
  name: { kind: Kind.NAME, value: 'defer' },
  arguments: [],
};
