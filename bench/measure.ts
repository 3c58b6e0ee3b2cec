import type { RunningGateway } from './gateways/gateway.ts';
import type { LoadJob, LoadResult } from './load.ts';
import type { ModuleProcess } from './processes.ts';
import { cpuMicros, peakMemoryMb } from './usage.ts';

/** How long and how often to measure. */
export interface Effort {
  readonly connections: number;
  readonly warmUpSeconds: number;
  readonly rounds: number;
  readonly roundSeconds: number;
}

/** A gateway that is up and has given the right answer. */
export interface Candidate {
  readonly gateway: RunningGateway;
  readonly body: string;
  /** Its own text of the right answer. */
  readonly answer: string;
}

export interface Measured {
  readonly requestsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly cpuMicrosPerRequest: number;
  readonly peakMemoryMb: number;
}

interface Round extends LoadResult {
  readonly cpuMicros: number;
}

/** Measures one candidate round by round; between its rounds others have theirs. */
export class Measurement {
  readonly #candidate: Candidate;
  readonly #load: ModuleProcess;
  readonly #effort: Effort;
  readonly #rounds: Round[] = [];
  #requestsPerRound = 0;

  constructor(candidate: Candidate, load: ModuleProcess, effort: Effort) {
    this.#candidate = candidate;
    this.#load = load;
    this.#effort = effort;
  }

  /** Until it is as fast as it gets; how fast that is decides how many requests make a round. */
  async warmUp(): Promise<void> {
    const { connections, warmUpSeconds, roundSeconds } = this.#effort;
    let rest = warmUpSeconds;
    let requests = connections * 2;
    let rate = 0;
    do {
      const { seconds, requests: answered } = await this.#send(requests);
      rate = answered / seconds;
      rest -= seconds;
      requests = wholeTurns(rate * Math.min(rest, warmUpSeconds / 2), connections);
    } while (rest > 0);
    this.#requestsPerRound = wholeTurns(rate * roundSeconds, connections);
  }

  /** @throws Error when a request was not answered as it should be */
  async round(): Promise<void> {
    const before = await cpuMicros(this.#candidate.gateway.pid);
    const result = await this.#send(this.#requestsPerRound);
    const after = await cpuMicros(this.#candidate.gateway.pid);
    this.#rounds.push({ ...result, cpuMicros: after - before });
  }

  async result(): Promise<Measured> {
    const rounds = this.#rounds;
    return {
      requestsPerSecond: median(rounds.map((each) => each.requests / each.seconds)),
      p50Ms: median(rounds.map((each) => each.p50Ms)),
      p99Ms: median(rounds.map((each) => each.p99Ms)),
      cpuMicrosPerRequest: median(rounds.map((each) => each.cpuMicros / each.requests)),
      peakMemoryMb: await peakMemoryMb(this.#candidate.gateway.pid),
    };
  }

  async #send(requests: number): Promise<LoadResult> {
    const { gateway, body, answer } = this.#candidate;
    const { connections } = this.#effort;
    const { url, headers } = gateway;
    const job: LoadJob = { url, headers, body, answer, connections, requests };
    const result = (await this.#load.ask(job)) as LoadResult; // What load.ts sends.
    if (result.failures > 0) {
      throw new Error(`${result.failures} of ${requests} requests were not answered rightly`);
    }
    return result;
  }
}

/** Every connection gets the same number of requests, at least two. */
function wholeTurns(requests: number, connections: number): number {
  return Math.max(2, Math.round(requests / connections)) * connections;
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const [low = Number.NaN, high = Number.NaN] = [sorted[middle - 1], sorted[middle]];
  return sorted.length % 2 === 0 ? (low + high) / 2 : high;
}
