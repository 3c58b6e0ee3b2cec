import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A process that the benchmark has started and will stop. */
export interface BenchProcess {
  readonly pid: number;
  /** The last that it wrote, to tell why something failed. */
  output(): string;
  stop(): Promise<void>;
}

/** A module of bench/ that runs as a process of its own and is talked to by messages. */
export interface ModuleProcess extends BenchProcess {
  /** Sends a message and waits for the next one back. @throws Error when the process ends instead */
  ask(message: object): Promise<unknown>;
}

const START_LIMIT_MS = 60_000;
const STOP_LIMIT_MS = 5_000;
const OUTPUT_LIMIT = 4_000;

const running = new Set<BenchProcess>();

/** Stops every process that is still there. */
export async function stopAll(): Promise<void> {
  await Promise.all([...running].map((each) => each.stop()));
}

/** Starts a module, by its URL, with NODE_ENV=production. */
export function startModule(url: string, args: readonly string[] = []): ModuleProcess {
  const child = spawn(process.execPath, [fileURLToPath(url), ...args], {
    env: cleanEnvironment(),
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const tracked = track(child);
  return {
    ...tracked,
    async ask(message) {
      const [answer] = await unlessItEnds(child, tracked, once(child, 'message'), () =>
        child.send(message),
      );
      return answer;
    },
  };
}

/** Starts a `castellan` command as npm does, and waits until its greeting has told `label`; answers that fact too. */
export async function startCastellan(
  args: readonly string[],
  label: string,
  {
    env = {},
    nodeFlags = [],
    cwd = fileURLToPath(new URL('..', import.meta.url)),
  }: { env?: Record<string, string>; nodeFlags?: readonly string[]; cwd?: string } = {},
): Promise<BenchProcess & { readonly facts: ReadonlyMap<string, string> }> {
  const script = fileURLToPath(new URL('../cli/castellan.sh', import.meta.url));
  const { PATH } = process.env;
  const child = spawn('sh', [script, ...args], {
    cwd,
    env: {
      ...cleanEnvironment(),
      PORT: '0',
      // The script takes the first `node` that it finds.
      PATH: `${dirname(process.execPath)}:${PATH}`,
      NODE_OPTIONS: nodeFlags.join(' '),
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const tracked = track(child);
  const facts = new Map<string, string>();
  const greeted = new Promise<void>((resolve) => {
    child.stdout.on('data', (chunk: string) => {
      for (const line of chunk.split('\n')) {
        const split = line.indexOf('  ');
        if (split > 0) facts.set(line.slice(0, split), line.slice(split + 2));
      }
      if (facts.has(label)) resolve();
    });
  });
  await unlessItEnds(child, tracked, greeted);
  return { ...tracked, facts };
}

function cleanEnvironment(): NodeJS.ProcessEnv {
  const { PATH, HOME } = process.env;
  // Nobody who is measured reports home meanwhile.
  return { PATH, HOME, NODE_ENV: 'production', APOLLO_TELEMETRY_DISABLED: '1' };
}

function track(child: ChildProcess): BenchProcess {
  let output = '';
  const keep = (chunk: string): void => {
    output = (output + chunk).slice(-OUTPUT_LIMIT);
  };
  child.stdout?.setEncoding('utf8').on('data', keep);
  child.stderr?.setEncoding('utf8').on('data', keep);
  const tracked: BenchProcess = {
    pid: child.pid ?? -1,
    output: () => output.trim(),
    async stop() {
      if (child.exitCode === null && child.signalCode === null) {
        const ended = once(child, 'exit');
        child.kill('SIGTERM');
        const late = setTimeout(() => child.kill('SIGKILL'), STOP_LIMIT_MS);
        await ended;
        clearTimeout(late);
      }
      running.delete(tracked);
    },
  };
  running.add(tracked);
  return tracked;
}

/** Waits for the event; the process that ends before it, or takes too long, is the error. */
async function unlessItEnds<T>(
  child: ChildProcess,
  { output }: BenchProcess,
  event: Promise<T>,
  begin: () => void = () => undefined,
): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const ended = (code: number | null, signal: string | null): void =>
    reject(new Error(`ended with ${code ?? signal}: ${output() || 'without a word'}`));
  child.once('exit', ended);
  child.once('error', reject);
  const late = setTimeout(
    () => reject(new Error(`said nothing for ${START_LIMIT_MS / 1000} s: ${output()}`)),
    START_LIMIT_MS,
  );
  try {
    begin();
    return await Promise.race([event, promise]);
  } finally {
    clearTimeout(late);
    child.off('exit', ended).off('error', reject);
  }
}
