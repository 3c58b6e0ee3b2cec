import { peer } from './peer.ts';

/** A number of requests over a number of connections, each answer the same. */
export interface LoadJob {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** The text that every answer must be. */
  readonly answer: string;
  readonly connections: number;
  /** Not fewer than connections. */
  readonly requests: number;
}

export interface LoadResult {
  readonly requests: number;
  readonly seconds: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Requests that were not answered, or otherwise than they should be. */
  readonly failures: number;
}

interface Run extends PromiseLike<Summary> {
  on(
    event: 'response',
    listener: (client: object, status: number, bytes: number, milliseconds: number) => void,
  ): unknown;
}

interface Summary {
  readonly requests: { readonly total: number };
  readonly errors: number;
  readonly non2xx: number;
  readonly mismatches: number;
}

interface AutocannonPackage {
  readonly default: (options: object) => Run;
}

/** Sends one job's requests and waits for every answer, so that all the work they cause is theirs. */
async function load(job: LoadJob): Promise<LoadResult> {
  const { default: autocannon } = await peer<AutocannonPackage>('autocannon');
  const began = performance.now();
  let ended = began;
  const latencies: number[] = [];
  const run = autocannon({
    url: job.url,
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json', ...job.headers },
    body: job.body,
    connections: job.connections,
    amount: job.requests,
    timeout: 60,
    // It stops at its next sample only, milliseconds apart.
    sampleInt: 50,
    expectBody: job.answer,
  });
  run.on('response', (_client, _status, _bytes, milliseconds) => {
    latencies.push(milliseconds);
    ended = performance.now();
  });
  const { requests, errors, non2xx, mismatches } = await run;
  latencies.sort((a, b) => a - b);
  return {
    requests: requests.total,
    // To the last answer, not to the sample after it.
    seconds: (ended - began) / 1000,
    p50Ms: latencies[Math.floor(latencies.length * 0.5)] ?? Number.NaN,
    p99Ms: latencies[Math.floor(latencies.length * 0.99)] ?? Number.NaN,
    failures: errors + non2xx + mismatches,
  };
}

process.once('disconnect', () => process.exit());
process.on('message', async (job) => {
  process.send?.(await load(job as LoadJob));
});
