import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import { errors } from '#contract/errors.ts';
import { Durations } from './durations.ts';
import { Tally } from './tally.ts';

/** What is counted and timed. No label takes a value from a client, so that nobody can make series without end. */
export interface Meters {
  readonly registry: Registry;
  operation(kind: string | null, code: string | null, durationMs: number): void;
  newDocument(): void;
  fetch(subgraph: string, code: string | null, durationMs: number): void;
  sharedFetch(subgraph: string): void;
  response(status: number): void;
  /** Tells, from now on, what became of new supergraphs. */
  countSwaps(status: { readonly swaps: number; readonly swapsRefused: number }): void;
}

/** The label of a code: ours by name, all others (a subgraph may invent any) together. */
export function outcomeOf(code: string | null): string {
  if (code === null) return 'OK';
  return Object.hasOwn(errors, code) ? code : 'OTHER';
}

export function createMeters(secondsBuckets: readonly number[]): Meters {
  const registry = new Registry();
  const registers = [registry];
  const buckets = [...secondsBuckets].sort((a, b) => a - b);
  collectDefaultMetrics({ register: registry });
  const operations = new Tally();
  const fetches = new Tally();
  new Counter({
    name: 'castellan_operations_total',
    help: 'Operations by kind and by the code of their first error',
    labelNames: ['kind', 'outcome'],
    registers,
    collect() {
      operations.drain((kind, outcome, count) => this.inc({ kind, outcome }, count));
    },
  });
  const operationSeconds = new Durations('kind', {
    name: 'castellan_operation_duration_seconds',
    help: 'Time from the text of an operation to its answer, by kind',
    buckets,
    registers,
  });
  const documents = new Counter({
    name: 'castellan_documents_parsed_total',
    help: 'Documents that were not known: misses of the cache of prepared operations',
    registers,
  });
  new Counter({
    name: 'castellan_subgraph_fetches_total',
    help: 'Calls to a subgraph by outcome',
    labelNames: ['subgraph', 'outcome'],
    registers,
    collect() {
      fetches.drain((subgraph, outcome, count) => this.inc({ subgraph, outcome }, count));
    },
  });
  const fetchSeconds = new Durations('subgraph', {
    name: 'castellan_subgraph_fetch_duration_seconds',
    help: 'Time of a call to a subgraph, retries included',
    buckets,
    registers,
  });
  const shared = new Counter({
    name: 'castellan_subgraph_fetches_shared_total',
    help: 'Calls that waited for an identical one, so that nothing was sent',
    labelNames: ['subgraph'],
    registers,
  });
  const responses = new Map<number, number>();
  new Counter({
    name: 'castellan_http_responses_total',
    help: 'Answers to requests for /graphql by status, refused ones included',
    labelNames: ['status'],
    registers,
    collect() {
      for (const [status, count] of responses) this.inc({ status: String(status) }, count);
      responses.clear();
    },
  });
  new Counter({
    name: 'castellan_worker_starts_total',
    help: 'Processes that were started to serve; more than castellan_workers, when some were replaced',
    registers,
  }).inc();
  new Gauge({
    name: 'castellan_workers',
    help: 'Processes that serve',
    registers,
  }).set(1);
  return {
    registry,
    operation(kind, code, durationMs) {
      const label = kind ?? 'unknown';
      operations.add(label, outcomeOf(code));
      operationSeconds.add(label, durationMs / 1000);
    },
    newDocument: () => documents.inc(),
    fetch(subgraph, code, durationMs) {
      fetches.add(subgraph, outcomeOf(code));
      fetchSeconds.add(subgraph, durationMs / 1000);
    },
    sharedFetch: (subgraph) => shared.inc({ subgraph }),
    response: (status) => responses.set(status, (responses.get(status) ?? 0) + 1),
    countSwaps(status) {
      new Counter({
        name: 'castellan_supergraph_swaps_total',
        help: 'New supergraphs that are served, or were refused',
        labelNames: ['outcome'],
        registers,
        collect() {
          this.reset();
          this.inc({ outcome: 'served' }, status.swaps);
          this.inc({ outcome: 'refused' }, status.swapsRefused);
        },
      });
    },
  };
}
