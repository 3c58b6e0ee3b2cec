import { readFile, writeFile } from 'node:fs/promises';
import { ask } from './answers.ts';
import { chart } from './chart.ts';
import { startOpen } from './gateways/castellan.ts';
import { gateways } from './gateways/index.ts';
import { install } from './install.ts';
import { Measurement } from './measure.ts';
import { type Options, readOptions, usage } from './options.ts';
import { type ModuleProcess, startModule, stopAll } from './processes.ts';
import { profile } from './profile.ts';
import { betweenMarkers, report } from './report.ts';
import { failed, type Result, rounded } from './results.ts';
import { operations, type ScenarioName } from './scenarios/operations.ts';
import { type Graph, startGraph } from './scenarios/start-graph.ts';
import { soak } from './soak/soak.ts';
import { startCandidate } from './start-candidate.ts';

/** Measures, writes and prints; answers the exit code: 1 when one of ours could not be measured. */
async function main(options: Options): Promise<number> {
  install();
  const graph = await startGraph();
  const load = startModule(import.meta.resolve('./load.ts'));
  const results: Result[] = [];
  try {
    await compile(graph);
    for (const scenario of options.scenarios) {
      results.push(...(await measureScenario(scenario, options, graph, load)));
    }
  } finally {
    await stopAll();
    await graph.remove();
  }
  await write('results/latest.json', `${JSON.stringify(results, null, 2)}\n`);
  if (options.whole) {
    await write('results/latest.svg', chart(results));
    const readme = await readFile(new URL('README.md', import.meta.url), 'utf8');
    await write('README.md', betweenMarkers(readme, report(results)));
  }
  process.stdout.write(`${report(results)}\n`);
  const broken = results.some((row) => 'failure' in row && row.gateway.startsWith('castellan'));
  return broken ? 1 : 0;
}

/** A first start compiles our modules, and keeps the compiler in memory: that is no start like all others. */
async function compile(graph: Graph): Promise<void> {
  for (const dedupe of [false, true]) await (await startOpen({ ...graph, dedupe })).stop();
}

/** All gateways are up at once and take turns, so that whatever else the machine does meets them alike. */
async function measureScenario(
  scenario: ScenarioName,
  { gateways: names, quick, effort }: Options,
  graph: Graph,
  load: ModuleProcess,
): Promise<Result[]> {
  const query = operations[scenario];
  const answer = await ask(graph.urls.whole ?? '', JSON.stringify({ query }));
  const entries = gateways
    .filter(({ name }) => names.includes(name))
    .flatMap((gateway) =>
      (quick ? gateway.dedupe.slice(0, 1) : gateway.dedupe).map((dedupe) => ({
        gateway,
        dedupe,
        failure: undefined as string | undefined,
        measurement: undefined as Measurement | undefined,
        stop: undefined as (() => Promise<void>) | undefined,
      })),
    );
  type Entry = (typeof entries)[number];
  const attempt = async (entry: Entry, step: () => Promise<void>): Promise<void> => {
    if (entry.failure !== undefined) return;
    try {
      await step();
    } catch (error) {
      entry.failure = error instanceof Error ? error.message : String(error);
      process.stderr.write(`${scenario}  ${entry.gateway.name}: ${entry.failure}\n`);
    }
  };

  process.stderr.write(`${scenario}  starting ${entries.length} gateways…\n`);
  await Promise.all(
    entries.map((entry) =>
      attempt(entry, async () => {
        const setup = { ...graph, dedupe: entry.dedupe, answer };
        const { remove: _, ...plain } = setup;
        const candidate = await startCandidate(entry.gateway, plain, query);
        entry.measurement = new Measurement(candidate, load, effort);
        entry.stop = () => candidate.gateway.stop();
      }),
    ),
  );
  for (const entry of entries) await attempt(entry, async () => entry.measurement?.warmUp());
  for (let round = 0; round < effort.rounds; round += 1) {
    process.stderr.write(`${scenario}  round ${round + 1} of ${effort.rounds}\n`);
    // Each round begins with another one.
    const order = [
      ...entries.slice(round % entries.length),
      ...entries.slice(0, round % entries.length),
    ];
    for (const entry of order) await attempt(entry, async () => entry.measurement?.round());
  }
  const results: Result[] = [];
  for (const entry of entries) {
    const { gateway, dedupe, measurement } = entry;
    let numbers: ReturnType<typeof rounded> | undefined;
    await attempt(entry, async () => {
      if (measurement !== undefined) numbers = rounded(await measurement.result());
    });
    const outcome = numbers ?? failed(entry.failure ?? 'it did not start');
    results.push({ scenario, gateway: gateway.name, dedupe, ...outcome });
  }
  await Promise.all(entries.map((entry) => entry.stop?.()));
  return results;
}

function write(path: string, text: string): Promise<void> {
  return writeFile(new URL(path, import.meta.url), text);
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    void stopAll().finally(() => process.exit(130));
  });
}

let options: Options | undefined;
try {
  options = readOptions(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n\n${usage}`);
  process.exitCode = 2;
}
if (options?.profile !== undefined) await profile(options.profile, options.effort.roundSeconds);
else if (options?.soak !== undefined) process.exitCode = await soak(options.soak);
else if (options !== undefined) process.exitCode = await main(options);
