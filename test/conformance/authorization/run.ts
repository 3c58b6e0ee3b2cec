import { readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { parse } from 'yaml';
import { type AuthorizationCase, capabilities } from './suite/authorization-case.ts';
import { readSubgraphs, readSuite } from './suite/read-suite.ts';
import { runCase } from './suite/run-case.ts';
import { composeSubgraphs, serveSubgraphs } from './suite/serve-subgraphs.ts';

const usage = `Runs the authorization cases of one supergraph against a gateway, and serves its subgraphs meanwhile.

  node run.ts compose --supergraph NAME [--port 4100]
      prints the supergraph to give to the gateway

  node run.ts --supergraph NAME --endpoint URL --callers FILE
      --port 4100          where the subgraphs are served, on loopback
      --mode filter        what the gateway does with denied fields: filter, reject or hide
      --without a,b        what the gateway lacks: grants, policies, defer, subscriptions, batches, persisted
      --ignore a,b         what of errors is not compared: code, coordinate, missing, message; or the status

FILE is JSON or YAML: the headers of each caller of callers.yaml, by their names. Cases of other callers are skipped.
`;

const comparable = ['code', 'coordinate', 'missing', 'message', 'status'];

/** How long a gateway has until it answers. */
const PATIENCE_MS = 60_000;

/** Runs what the arguments say. Answers the exit code: 1 if a case fails, 2 for wrong arguments. */
export async function run(args: readonly string[], print: (line: string) => void): Promise<number> {
  let given: ReturnType<typeof readArguments>;
  try {
    given = readArguments(args);
  } catch (error) {
    print(`${usage}\n${error instanceof Error ? error.message : String(error)}`);
    return 2;
  }
  const { values, isComposing, port, without, ignored } = given;
  const suite = readSuite();
  const { supergraph, endpoint, callers } = values;
  if (supergraph === undefined || !suite.supergraphs.includes(supergraph)) {
    print(`${usage}\nNAME is one of: ${suite.supergraphs.join(', ')}`);
    return 2;
  }
  const subgraphs = readSubgraphs(supergraph);
  if (isComposing) {
    print(composeSubgraphs(subgraphs, port));
    return 0;
  }
  if (endpoint === undefined || callers === undefined) {
    print(usage);
    return 2;
  }
  const headers = new Map<string, Readonly<Record<string, string>>>(
    Object.entries(parse(readFileSync(callers, 'utf8'))),
  );
  const isAsked = (each: AuthorizationCase): boolean =>
    each.supergraph === supergraph &&
    each.mode === values.mode &&
    !each.needs.some((need) => without.has(need));
  const { calls, close } = await serveSubgraphs(subgraphs, port);
  const counts = { passed: 0, failed: 0, skipped: 0 };
  try {
    await answering(endpoint);
    const running = { endpoint, calls, headersOf: (caller: string) => headers.get(caller) };
    for (const each of suite.cases.filter(isAsked)) {
      const found = await runCase(running, each, suite.callers, ignored);
      if (found === null) counts.skipped += 1;
      else if (found.length === 0) counts.passed += 1;
      else {
        counts.failed += 1;
        print(`not ok  ${each.topic}: ${each.name}  ${found[0]}`);
      }
    }
  } finally {
    await close();
  }
  print(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
  // Where nothing was asked nothing was shown.
  return counts.failed > 0 || counts.passed === 0 ? 1 : 0;
}

/** @throws TypeError for a flag or value that there is not */
function readArguments(args: readonly string[]) {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      supergraph: { type: 'string' },
      endpoint: { type: 'string' },
      callers: { type: 'string' },
      port: { type: 'string', default: '4100' },
      mode: { type: 'string', default: 'filter' },
      without: { type: 'string', default: '' },
      ignore: { type: 'string', default: '' },
    },
  });
  const isComposing = positionals[0] === 'compose';
  if (positionals.length > (isComposing ? 1 : 0))
    throw new TypeError(`${positionals} is no command`);
  const port = Number(values.port);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) {
    throw new TypeError(`--port is a number from 1 to 65535, not ${values.port}`);
  }
  named('--mode', values.mode, ['filter', 'reject', 'hide']);
  const without = named('--without', values.without, capabilities);
  const ignored = named('--ignore', values.ignore, comparable);
  return { values, isComposing, port, without, ignored };
}

function named(flag: string, value: string, known: readonly string[]): ReadonlySet<string> {
  const names = new Set(value.split(',').filter((name) => name !== ''));
  for (const name of names) {
    if (!known.includes(name))
      throw new TypeError(`${flag} is one of ${known.join(', ')}, not ${name}`);
  }
  return names;
}

/** Waits for a gateway that is being started. @throws TypeError if it does not answer */
async function answering(endpoint: string): Promise<void> {
  for (const end = Date.now() + PATIENCE_MS; ; await wait(500)) {
    try {
      await (await fetch(`${endpoint}?query=%7B__typename%7D`)).arrayBuffer();
      return;
    } catch (error) {
      if (Date.now() > end) throw error;
    }
  }
}

if (import.meta.main) {
  const print = (line: string) => void process.stdout.write(`${line}\n`);
  process.exitCode = await run(process.argv.slice(2), print);
}
