import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { Test } from 'tap';
import { type FaultySubgraph, startFaultySubgraph } from '../../support/faulty-subgraph.ts';

export interface OpenStream {
  readonly response: ServerResponse;
  /** Sends an event. */
  tick(value: number): void;
  /** Settles when the other side has left. */
  readonly left: Promise<unknown>;
}

export interface EventStreams extends FaultySubgraph {
  /** The next stream that is opened. */
  opened(): Promise<OpenStream>;
}

export const next = (data: string): string => `event: next\ndata: ${data}\n\n`;
export const tick = (value: number): string => next(`{"data":{"tick":${value}}}`);

/** A subgraph that opens each SSE stream it is asked for, and leaves what comes to the test. */
export async function startEventStreams(t: Test): Promise<EventStreams> {
  const open: OpenStream[] = [];
  const waiting: ((stream: OpenStream) => void)[] = [];
  const subgraph = await startFaultySubgraph(t, (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' }).write(':\n\n');
    const stream = {
      response,
      tick: (value: number) => void response.write(tick(value)),
      left: once(response, 'close'),
    };
    const wait = waiting.shift();
    if (wait === undefined) open.push(stream);
    else wait(stream);
  });
  return {
    ...subgraph,
    async opened() {
      return open.shift() ?? (await new Promise((resolve) => waiting.push(resolve)));
    },
  };
}
