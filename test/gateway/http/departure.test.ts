import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import t, { type Test } from 'tap';
import { type OpenGateway, startOpenGateway } from '#test/support/open-gateway.ts';
import { connectWith } from '#test/support/web-socket-client.ts';

const typeDefs = {
  shop: `
    type Query { shops: [Shop] }
    type Mutation { open: Shop }
    type Subscription { opened: Shop }
    type Shop @key(fields: "id") { id: ID! }`,
  prices: 'type Shop @key(fields: "id") { id: ID! price: Int }',
};

interface Held {
  readonly gateway: OpenGateway;
  /** The next call to the shops, which waits for the test to answer it. */
  next(): Promise<{
    readonly response: ServerResponse;
    readonly body: string;
    gone: Promise<void>;
  }>;
  /** How many calls there were so far. */
  readonly count: number;
}

/** A gateway in front of shops that answer when the test says so, and of prices that answer at once. */
async function startHeld(t: Test): Promise<Held> {
  const calls: IncomingMessage[] = [];
  const responses: ServerResponse[] = [];
  const server = createServer((request, response) => {
    calls.push(request);
    responses.push(response);
    server.emit('call');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const gateway = await startOpenGateway(
    {
      shop: { typeDefs: typeDefs.shop, resolvers: {} },
      prices: {
        typeDefs: typeDefs.prices,
        resolvers: { Shop: { __resolveReference: (shop: unknown) => shop, price: () => 3 } },
      },
    },
    { webSockets: {} },
    { shop: `http://127.0.0.1:${port}/graphql` },
  );
  t.teardown(async () => {
    server.closeAllConnections();
    server.close();
    await gateway.close();
  });
  let read = 0;
  return {
    gateway,
    get count() {
      return calls.length;
    },
    async next() {
      while (calls.length <= read) await once(server, 'call');
      const [request, response] = [calls[read], responses[read]];
      read += 1;
      if (request === undefined || response === undefined) throw new TypeError('there was a call');
      const gone = once(response, 'close').then(() => undefined);
      return { response, body: Buffer.concat(await request.toArray()).toString(), gone };
    },
  };
}

function send({ gateway }: Held, query: string, headers: Record<string, string> = {}) {
  const leaving = new AbortController();
  const response = fetch(`${gateway.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ query }),
    signal: leaving.signal,
  }).then((answer) => answer.text());
  // Whoever leaves does not want to know.
  response.catch(() => undefined);
  return { response, leave: () => leaving.abort() };
}

const answered = (response: ServerResponse, data: unknown): void => {
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ data }));
};

t.test('a client that leaves takes the calls of its query along', async (t) => {
  const held = await startHeld(t);
  const { leave } = send(held, '{ shops { id } }');
  const call = await held.next();
  leave();
  await call.gone;
  t.notOk(call.response.writableEnded, 'the subgraph sees its request aborted');
});

t.test('and what would have followed is not asked for', async (t) => {
  const held = await startHeld(t);
  const errors: (string | undefined)[] = [];
  const over = Promise.withResolvers<void>();
  held.gateway.app.castellan.addHook('onOperation', ({ code }) => {
    errors.push(code ?? undefined);
    over.resolve();
  });
  const { leave } = send(held, '{ shops { id price } }');
  const call = await held.next();
  leave();
  await call.gone;
  await over.promise;
  t.same(errors, ['CLIENT_CLOSED_REQUEST'], 'how it ended is written down');
  t.equal(held.gateway.calls.length, 0, 'no prices were asked for');
});

t.test(
  'an identical call goes on for whoever still waits, and ends with the last one',
  async (t) => {
    const held = await startHeld(t);
    const first = send(held, '{ shops { id } }');
    const call = await held.next();
    const gate = Promise.withResolvers<void>();
    held.gateway.app.castellan.addHook('preFetch', () => gate.resolve());
    const second = send(held, '{ shops { id } }');
    await gate.promise;
    first.leave();
    await t.rejects(first.response);
    answered(call.response, { shops: [{ id: '1' }] });
    t.same(JSON.parse(await second.response), { data: { shops: [{ id: '1' }] } });
    t.equal(held.count, 1);

    const alone = send(held, '{ shops { id } }');
    const next = await held.next();
    const joined = Promise.withResolvers<void>();
    held.gateway.app.castellan.addHook('preFetch', () => joined.resolve());
    const also = send(held, '{ shops { id } }');
    await joined.promise;
    alone.leave();
    also.leave();
    await next.gone;
    t.equal(held.count, 2);

    const late = send(held, '{ shops { id } }');
    answered((await held.next()).response, { shops: [] });
    t.same(
      JSON.parse(await late.response),
      { data: { shops: [] } },
      'nobody joins what was given up',
    );
  },
);

t.test('a mutation is carried out to its end', async (t) => {
  const held = await startHeld(t);
  const over = Promise.withResolvers<string | null>();
  held.gateway.app.castellan.addHook('onOperation', ({ code }) => over.resolve(code));
  const { response, leave } = send(held, 'mutation { open { id price } }');
  const call = await held.next();
  leave();
  await t.rejects(response);
  answered(call.response, { open: { __typename: 'Shop', id: '1' } });
  t.equal(await over.promise, null);
  t.equal(held.gateway.calls.length, 1, 'with what follows on it');
});

t.test('a client that leaves takes along the subscription that is being opened', async (t) => {
  const held = await startHeld(t);
  const { leave } = send(held, 'subscription { opened { id } }', { accept: 'text/event-stream' });
  const call = await held.next();
  leave();
  await call.gone;
  t.pass('the subgraph sees it');
});

t.test('over a WebSocket an operation that is completed by its client is given up', async (t) => {
  const held = await startHeld(t);
  const client = connectWith(t, `${held.gateway.url.replace('http', 'ws')}/graphql`);
  const leave = client.subscribe(
    { query: '{ shops { id } }' },
    { next: () => undefined, error: () => undefined, complete: () => undefined },
  );
  const call = await held.next();
  leave();
  await call.gone;
  t.pass('the subgraph sees it');
});

t.test(
  'a connection that goes on serves the next request, whatever it served before',
  async (t) => {
    const held = await startHeld(t);
    const { port } = new URL(held.gateway.url);
    const socket = connect(Number(port), '127.0.0.1');
    t.teardown(() => socket.destroy());
    socket.setEncoding('utf8');
    const body = JSON.stringify({ query: '{ shops { id } }' });
    const ask = (): void => {
      socket.write(
        `POST /graphql HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
      );
    };
    for (const id of ['1', '2']) {
      ask();
      answered((await held.next()).response, { shops: [{ id }] });
      const [text] = await once(socket, 'data');
      t.match(text, `{"data":{"shops":[{"id":"${id}"}]}}`);
    }
    ask();
    const call = await held.next();
    socket.destroy();
    await call.gone;
    t.pass('and is given up with the one that is under way');
  },
);
