import type { BenchProcess } from '../processes.ts';

/** What a gateway is started for. */
export interface Setup {
  readonly supergraphFile: string;
  /** The subgraphs by name, and `whole`: all of the graph in one piece. */
  readonly urls: Readonly<Record<string, string>>;
  /** Whether identical calls to a subgraph that are under way at the same time are one call. */
  readonly dedupe: boolean;
  /** The answer that is expected, as JSON text; for the floor that only repeats it. */
  readonly answer: string;
  /** A folder for whatever has to be written. */
  readonly folder: string;
}

export interface RunningGateway {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** The gateway's process alone: what stands behind it is not measured. */
  readonly pid: number;
  /** The last that it wrote, to tell why something failed. */
  output(): string;
  stop(): Promise<void>;
}

export interface Gateway {
  readonly name: string;
  /** Its settings of de-duplication that exist; the first one is measured in a quick run. */
  readonly dedupe: readonly boolean[];
  /** For one that is a command: starts its process. Otherwise `serve` runs in a process of ours. */
  start?(setup: Setup): Promise<RunningGateway>;
  /** Listens on 127.0.0.1 and answers with the URL. */
  serve?(setup: Setup): Promise<string>;
}

export const running = (
  process: BenchProcess,
  url: string,
  headers: Readonly<Record<string, string>> = {},
): RunningGateway => ({
  url,
  headers,
  pid: process.pid,
  output: process.output,
  stop: process.stop,
});
