import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { composeServices } from '@apollo/composition';
import { parse } from 'graphql';
import t from 'tap';
import { blog } from '#test/support/blog.ts';
import { startCastellan } from '#test/support/castellan-process.ts';
import { ask } from '#test/support/client.ts';
import { federated, type ReceivedCall, startSubgraph } from '#test/support/subgraph-server.ts';

t.test(
  'gateway --supergraph FILE --port N --open answers, warns, and brings no claims',
  async (t) => {
    const calls: ReceivedCall[] = [];
    const services = await Promise.all(
      Object.entries(blog).map(async ([name, fixture]) => {
        const { app, url } = await startSubgraph(name, fixture, calls);
        t.teardown(() => app.close());
        return { name, url, typeDefs: parse(federated(fixture.typeDefs)) };
      }),
    );
    const file = path.join(t.testdir(), 'any.graphql');
    writeFileSync(file, composeServices(services).supergraphSdl ?? '');
    const gateway = await startCastellan(
      ['gateway', '--supergraph', file, '--port', '0', '--open'],
      {},
      'GraphQL',
    );
    t.teardown(() => gateway.stop());
    t.match(gateway.output(), /WARNING {2}--open/);

    const url = (gateway.facts.get('GraphQL') ?? '').replace(/\/graphql$/, '');
    const answer = await ask(url, '{ me { name posts { title shipping } } }', {
      headers: { authorization: 'Bearer anything', 'castellan-claims': 'forged' },
    });
    t.same(answer.data, {
      me: {
        name: 'Ann',
        posts: [
          { title: 'One', shipping: 30 },
          { title: 'Three', shipping: 50 },
        ],
      },
    });
    t.ok(calls.length >= 3);
    t.notOk(
      calls.some(({ headers }) => 'castellan-claims' in headers || 'authorization' in headers),
    );
  },
);
