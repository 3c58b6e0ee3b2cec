import { type CastellanProcess, startCastellan } from './castellan-process.ts';
import { ask, type ClientAnswer } from './client.ts';

/** A gateway with several workers, in processes of their own. */
export interface RunningWorkers {
  readonly primary: CastellanProcess;
  /** Without a path. */
  readonly url: string;
  /** The processes that serve, by their number, once they have been told; `others` are known already. */
  pids(count: number, others?: readonly number[]): Promise<readonly number[]>;
}

export async function startWorkers(
  count: number,
  args: readonly string[],
  {
    env = {},
    cwd,
  }: { readonly env?: Readonly<Record<string, string>>; readonly cwd?: string } = {},
): Promise<RunningWorkers> {
  const primary = await startCastellan(
    ['gateway', '--open', '--workers', String(count), ...args],
    env,
    'GraphQL',
    cwd,
  );
  return {
    primary,
    url: (primary.facts.get('GraphQL') ?? '').replace(/\/graphql$/, ''),
    pids: (wanted, others = []) =>
      primary.whenOutput((output) => {
        const pids = servingPids(output).filter((pid) => !others.includes(pid));
        return pids.length >= wanted ? pids : undefined;
      }),
  };
}

/** Does something while only one of these processes can take connections: the others stand still. */
export async function withOnly<T>(
  pid: number,
  pids: readonly number[],
  act: () => Promise<T>,
): Promise<T> {
  const others = pids.filter((each) => each !== pid);
  for (const other of others) process.kill(other, 'SIGSTOP');
  try {
    return await act();
  } finally {
    for (const other of others) process.kill(other, 'SIGCONT');
  }
}

/** Asks over a connection of its own: one that is kept alive leads to whoever took it. */
export function askAnew(url: string, query: string, variables: object = {}): Promise<ClientAnswer> {
  return ask(url, query, { variables, headers: { connection: 'close' } });
}

function servingPids(output: string): readonly number[] {
  const lines = output.split('\n').filter((line) => line.includes('"msg":"a worker serves"'));
  return lines.map((line) => (JSON.parse(line) as { workerPid: number }).workerPid);
}
