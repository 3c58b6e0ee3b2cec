import { writeFileSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { composeServices } from '@apollo/composition';
import { parse } from 'graphql';
import t from 'tap';
import { startCastellan } from '#test/support/castellan-process.ts';
import { ask } from '#test/support/client.ts';

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  t.test(`${signal}: a request under way is answered, then the process ends with 0`, async (t) => {
    // A subgraph that answers when the test says so.
    const waiting: ServerResponse[] = [];
    let arrived: () => void = () => {};
    const called = new Promise<void>((resolve) => {
      arrived = resolve;
    });
    const subgraph = createServer((request, response) => {
      request.resume();
      waiting.push(response);
      arrived();
    });
    await new Promise<void>((resolve) => subgraph.listen(0, '127.0.0.1', resolve));
    t.teardown(() => subgraph.close());
    const { port } = subgraph.address() as AddressInfo;
    const { supergraphSdl = '' } = composeServices([
      {
        name: 'slow',
        url: `http://127.0.0.1:${port}/`,
        typeDefs: parse('type Query { hello: String }'),
      },
    ]);
    const file = path.join(t.testdir(), 'supergraph.graphql');
    writeFileSync(file, supergraphSdl);
    const gateway = await startCastellan(
      ['gateway', '--open', '--supergraph', file],
      {},
      'GraphQL',
    );
    const url = (gateway.facts.get('GraphQL') ?? '').replace(/\/graphql$/, '');

    const answer = ask(url, '{ hello }');
    await called;
    const stopped = gateway.stop(signal);
    waiting[0]
      ?.writeHead(200, { 'content-type': 'application/json' })
      .end('{"data":{"hello":"there"}}');
    t.same((await answer).data, { hello: 'there' });
    t.equal(await stopped, 0);
    await t.rejects(ask(url, '{ hello }'), 'nobody listens any more');
  });
}
