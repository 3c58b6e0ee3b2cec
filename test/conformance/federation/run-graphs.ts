import type { Test } from 'tap';
import { differences } from './differences.ts';
import type { FederationCase, Graph } from './federation-case.ts';
import type { planners } from './planners.ts';
import { type RunningGraph, startGraph } from './start-graph.ts';

/** Starts each graph once and asks it its cases, on every planner and beside the oracle. */
export async function runGraphs(t: Test, graphs: readonly Graph[]): Promise<void> {
  // Each case runs on every planner, twice, and there are many.
  t.setTimeout(120_000);
  for (const graph of graphs) {
    await t.test(graph.name, async (t) => {
      const running = await startGraph(graph);
      t.teardown(() => running.close());
      for (const each of graph.cases) {
        await t.test(each.promise, async (t) => {
          for (const planner of running.gateways.keys())
            await checkAnswer(t, graph, running, each, planner);
          await checkOracle(t, graph, running, each);
        });
      }
    });
  }
}

async function checkAnswer(
  t: Test,
  graph: Graph,
  running: RunningGraph,
  each: FederationCase,
  planner: (typeof planners)[number],
): Promise<void> {
  const ask = async (): Promise<string> => {
    running.calls.length = 0;
    running.bodies.length = 0;
    graph.reset?.();
    return (await running.gateways.get(planner)?.(requestOf(each))) ?? '';
  };
  const first = await ask();
  const found = differences(each, first, running.calls);
  const reason = each.knownFailure?.[planner];
  if (reason !== undefined) {
    t.not(found.length, 0, `${planner} passes, so it is no known failure: ${reason}`);
    return;
  }
  t.same(found, [], `${planner} answers`);
  // The second time everything is prepared already.
  t.equal(await ask(), first, `${planner} answers the same again`);
}

async function checkOracle(
  t: Test,
  graph: Graph,
  { oracle }: RunningGraph,
  each: FederationCase,
): Promise<void> {
  if (oracle === null) return;
  graph.reset?.();
  const data = textOf(await oracle.ask(requestOf(each)));
  const expected = textOf(each.data);
  if (each.oracle === undefined) t.equal(data, expected, 'the oracle answers the same');
  else t.not(data, expected, `the oracle is right after all: ${each.oracle}`);
}

function requestOf({ query, variables, operationName }: FederationCase) {
  return {
    query,
    ...(variables !== undefined && { variables }),
    ...(operationName !== undefined && { operationName }),
  };
}

function textOf(data: unknown): string {
  return data === undefined ? 'refused' : JSON.stringify(data);
}
