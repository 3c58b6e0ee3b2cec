import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ask } from './answers.ts';
import { startOpen } from './gateways/castellan.ts';
import { install } from './install.ts';
import { Measurement } from './measure.ts';
import { startModule, stopAll } from './processes.ts';
import { operations, type ScenarioName } from './scenarios/operations.ts';
import { startGraph } from './scenarios/start-graph.ts';
import { startCandidate } from './start-candidate.ts';

/** How many lines of each table are shown. */
const TOP = 30;

const root = fileURLToPath(new URL('..', import.meta.url));

/** What Node's `--cpu-prof` writes, as far as it is read here. */
interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: {
      readonly functionName: string;
      readonly url: string;
      readonly lineNumber: number;
    };
  }[];
  readonly samples: readonly number[];
  /** Microseconds since the sample before. */
  readonly timeDeltas: readonly number[];
}

/** Runs castellan on one operation under load and prints where its own time went, by function and by part. */
export async function profile(scenario: ScenarioName, seconds: number): Promise<void> {
  install();
  const graph = await startGraph();
  try {
    const query = operations[scenario];
    const answer = await ask(graph.urls.whole ?? '', JSON.stringify({ query }));
    const gateway = {
      name: 'castellan',
      dedupe: [false],
      start: () =>
        startOpen({ ...graph, dedupe: false }, ['--cpu-prof', `--cpu-prof-dir=${graph.folder}`]),
    };
    const candidate = await startCandidate(gateway, { ...graph, dedupe: false, answer }, query);
    const effort = { connections: 50, warmUpSeconds: 3, rounds: 1, roundSeconds: seconds };
    const measurement = new Measurement(
      candidate,
      startModule(import.meta.resolve('./load.ts')),
      effort,
    );
    await measurement.warmUp();
    await measurement.round();
    const { cpuMicrosPerRequest } = await measurement.result();
    await candidate.gateway.stop();
    const cpuProfile = await readProfile(graph.folder);
    process.stdout.write(
      `${scenario}: ${Math.round(cpuMicrosPerRequest)} µs a request, profiled\n\n`,
    );
    // The start and the warm-up came first; they are no part of a request.
    process.stdout.write(table(lastSeconds(cpuProfile, seconds)));
  } finally {
    await stopAll();
    await graph.remove();
  }
}

async function readProfile(folder: string): Promise<CpuProfile> {
  const name = (await readdir(folder)).find((each) => each.endsWith('.cpuprofile'));
  if (name === undefined) throw new Error('Node wrote no profile');
  return JSON.parse(await readFile(join(folder, name), 'utf8')) as CpuProfile;
}

/** Microseconds by place of the code. */
type Times = ReadonlyMap<string, number>;

function lastSeconds(
  { nodes, samples, timeDeltas }: CpuProfile,
  seconds: number,
): { readonly functions: Times; readonly parts: Times } {
  const frames = new Map(nodes.map(({ id, callFrame }) => [id, callFrame]));
  const functions = new Map<string, number>();
  const parts = new Map<string, number>();
  let rest = seconds * 1_000_000;
  for (let index = samples.length - 1; index >= 0 && rest > 0; index -= 1) {
    const frame = frames.get(samples[index] ?? -1);
    const micros = timeDeltas[index] ?? 0;
    rest -= micros;
    if (frame === undefined || frame.functionName === '(idle)') continue;
    const file = shortened(frame.url);
    const name = frame.functionName || (file === '' ? '(made by new Function)' : '(anonymous)');
    const place = file === '' ? name : `${name}  ${file}:${frame.lineNumber + 1}`;
    functions.set(place, (functions.get(place) ?? 0) + micros);
    const part = partOf(file, name);
    parts.set(part, (parts.get(part) ?? 0) + micros);
  }
  return { functions, parts };
}

function shortened(url: string): string {
  return url
    .replace('file://', '')
    .replace(root, '')
    .replace(/^.*node_modules\//, 'npm:');
}

function partOf(file: string, name: string): string {
  if (file === '') return name.startsWith('(') ? name : 'V8 builtins';
  if (file.startsWith('npm:')) return /^npm:(@[^/]+\/)?[^/]+/.exec(file)?.[0] ?? file;
  if (file.startsWith('node:')) return `node:${file.slice(5).split('/').slice(0, 2).join('/')}`;
  return file;
}

function table({ functions, parts }: ReturnType<typeof lastSeconds>): string {
  const busy = Array.from(functions.values()).reduce((sum, micros) => sum + micros, 0);
  const lines = (times: Times): string =>
    Array.from(times)
      .sort(([, a], [, b]) => b - a)
      .slice(0, TOP)
      .map(([place, micros]) => `${((100 * micros) / busy).toFixed(1).padStart(6)} %  ${place}\n`)
      .join('');
  return `self time by function\n${lines(functions)}\nself time by part\n${lines(parts)}`;
}
