import { writeFileSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import type { Test } from 'tap';
import { compose } from './compose.ts';

/** A subgraph `{ hello(n: Int): String }` that answers when the test says so, and a supergraph file of it alone. */
export interface HeldSubgraph {
  readonly file: string;
  /** Resolves when this many calls have come, from the start on. */
  called(times: number): Promise<void>;
  /** Answers all that wait, and from now on whoever comes. */
  letGo(): void;
}

export async function startHeldSubgraph(t: Test): Promise<HeldSubgraph> {
  const waiting: ServerResponse[] = [];
  const watchers = new Set<() => void>();
  let calls = 0;
  let isHeld = true;
  const answer = (response: ServerResponse): void => {
    response
      .writeHead(200, { 'content-type': 'application/json' })
      .end('{"data":{"hello":"there"}}');
  };
  const server = createServer((request, response) => {
    request.resume().on('end', () => {
      calls += 1;
      if (isHeld) waiting.push(response);
      else answer(response);
      for (const look of watchers) look();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const file = path.join(t.testdir(), 'supergraph.graphql');
  const sdl = compose({ slow: 'type Query { hello(n: Int): String }' });
  writeFileSync(file, sdl.replace('http://127.0.0.1:1/slow', `http://127.0.0.1:${port}/`));
  return {
    file,
    called: (times) =>
      new Promise((resolve) => {
        const look = (): void => {
          if (calls < times) return;
          watchers.delete(look);
          resolve();
        };
        watchers.add(look);
        look();
      }),
    letGo() {
      isHeld = false;
      for (const response of waiting.splice(0)) answer(response);
    },
  };
}
