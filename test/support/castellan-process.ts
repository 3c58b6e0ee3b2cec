import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const main = fileURLToPath(new URL('../../cli/main.ts', import.meta.url));

/** A `castellan` command that runs in a process of its own and has said where it listens. */
export interface CastellanProcess {
  /** The facts that it greeted with, by label. */
  readonly facts: ReadonlyMap<string, string>;
  readonly pid: number;
  /** Everything that it has written, stdout and stderr. */
  output(): string;
  /** Resolves with what `find` finds in that, now or when more has been written. */
  whenOutput<T>(find: (output: string) => T | undefined): Promise<T>;
  /** Resolves when it has written this text, from the call on. */
  printed(text: string): Promise<void>;
  /** Ends it and waits; answers the exit code, null when the signal ended it. */
  stop(signal?: NodeJS.Signals): Promise<number | null>;
  /** Resolves with the exit code when it ends by itself. */
  readonly ended: Promise<number | null>;
}

/** Starts a command and waits until it has said `until`, a label of its greeting. */
export async function startCastellan(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
  until: string,
  cwd: string = process.cwd(),
): Promise<CastellanProcess> {
  const child = spawn(process.execPath, [main, ...args], {
    env: { PATH: process.env.PATH, LOG_LEVEL: 'debug', PORT: '0', ...env },
    cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = once(child, 'close').then(([code]) => code as number | null);
  let output = '';
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    output += chunk;
  });
  const facts = new Map<string, string>();
  const greeted = new Promise<void>((resolve, reject) => {
    // The greeting is one write of whole lines.
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      output += chunk;
      for (const line of chunk.split('\n')) {
        const split = line.indexOf('  ');
        if (split > 0) facts.set(line.slice(0, split), line.slice(split + 2));
      }
      if (facts.has(until)) resolve();
    });
    child.once('exit', (code) => reject(new Error(`exit ${code} before "${until}":\n${output}`)));
  });
  await greeted;
  const whenOutput: CastellanProcess['whenOutput'] = (find) =>
    new Promise((resolve) => {
      const look = (): void => {
        const found = find(output);
        if (found === undefined) return;
        child.stderr.off('data', look);
        child.stdout.off('data', look);
        resolve(found);
      };
      child.stderr.on('data', look);
      child.stdout.on('data', look);
      look();
    });
  return {
    facts,
    pid: child.pid ?? 0,
    output: () => output,
    whenOutput,
    async printed(text) {
      const from = output.length;
      await whenOutput((all) => all.includes(text, from) || undefined);
    },
    stop: (signal = 'SIGTERM') => stop(child, signal),
    ended,
  };
}

/** Runs a command to its end. */
export async function runCastellan(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>> = {},
  cwd: string = process.cwd(),
): Promise<{ readonly code: number | null; readonly stdout: string; readonly stderr: string }> {
  const child = spawn(process.execPath, [main, ...args], {
    env: { PATH: process.env.PATH, PORT: '0', ...env },
    cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    stdout += chunk;
  });
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    stderr += chunk;
  });
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, stdout, stderr };
}

async function stop(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
  const closed = once(child, 'close');
  child.kill(signal);
  await closed;
  return child.exitCode;
}
