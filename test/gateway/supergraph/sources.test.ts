import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import t, { type Test } from 'tap';
import { createFileSource } from '#gateway/supergraph/file-source.ts';
import { followSource } from '#gateway/supergraph/follow-source.ts';
import type { SupergraphSource } from '#gateway/supergraph/supergraph-source.ts';
import { createUrlSource } from '#gateway/supergraph/url-source.ts';

const bounds = { timeoutMs: 10_000, maxBytes: 1_000 };

/** What a source brings, one after the other; it is read again when it hints, or when `poll` says so. */
function follow(t: Test, source: SupergraphSource) {
  const events: string[] = [];
  let seen: () => void = () => {};
  let poll: () => void = () => {};
  const tell = (event: string): void => {
    events.push(event);
    seen();
  };
  const stop = followSource(source, {
    pollSeconds: 1,
    onChange: async (sdl) => tell(sdl),
    onFailure: (error) => tell(`! ${error.message}`),
    wait: (_, signal) =>
      new Promise((resolve, reject) => {
        poll = () => resolve(null);
        signal.addEventListener('abort', reject);
        waiting();
      }),
  });
  let waiting: () => void = () => {};
  // In a gateway it is the server that keeps the process alive.
  const alive = setInterval(() => {}, 60_000);
  t.teardown(async () => {
    clearInterval(alive);
    await stop();
  });
  return {
    events,
    /** Resolves when the source has brought so many things. */
    async until(count: number): Promise<void> {
      while (events.length < count) await new Promise<void>((resolve) => (seen = resolve));
    },
    /** Polls, and resolves when it waits for the next time. */
    async poll(): Promise<void> {
      const done = new Promise<void>((resolve) => (waiting = resolve));
      poll();
      await done;
    },
    started: new Promise<void>((resolve) => (waiting = resolve)),
  };
}

async function serve(
  t: Test,
  answer: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<string> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/graph?token=secret`;
}

t.test('a file: written over, replaced atomically, removed and made again', async (t) => {
  const folder = t.testdir({ 'supergraph.graphql': 'one' });
  const file = path.join(folder, 'supergraph.graphql');
  const { events, until } = follow(t, createFileSource(file));
  await until(1);
  writeFileSync(file, 'two');
  await until(2);
  writeFileSync(`${file}.tmp`, 'three');
  renameSync(`${file}.tmp`, file);
  await until(3);
  rmSync(file);
  await until(4);
  writeFileSync(file, 'four');
  await until(5);
  t.same(events, [
    'one',
    'two',
    'three',
    `! ${file} does not exist; "npm run compose" writes it`,
    'four',
  ]);
});

t.test('a file that is written with what it already holds brings nothing', async (t) => {
  const folder = t.testdir({ 'supergraph.graphql': 'one' });
  const file = path.join(folder, 'supergraph.graphql');
  const source = createFileSource(file);
  t.equal(await source.read(), 'one');
  t.equal(await source.read(), null);
  writeFileSync(file, 'one');
  t.equal(await source.read(), null);
  writeFileSync(file, 'two');
  t.equal(await source.read(), 'two');
});

t.test('where a file system tells of nothing, the file is looked at now and then', async (t) => {
  const folder = t.testdir({ 'supergraph.graphql': 'one' });
  const file = path.join(folder, 'supergraph.graphql');
  const { place, read } = createFileSource(file);
  const { events, poll, started } = follow(t, { place, read });
  await started;
  writeFileSync(file, 'two');
  await poll();
  t.same(events, ['one', 'two']);
});

t.test('a URL: what has not changed is not sent again, and brings nothing', async (t) => {
  const tags: unknown[] = [];
  let sdl = 'one';
  const url = await serve(t, (request, response) => {
    tags.push(request.headers['if-none-match']);
    const etag = `"${sdl}"`;
    if (request.headers['if-none-match'] === etag) response.writeHead(304).end();
    else response.writeHead(200, { etag }).end(sdl);
  });
  const { events, poll, started } = follow(t, createUrlSource(url, bounds));
  await started;
  await poll();
  sdl = 'two';
  await poll();
  await poll();
  t.same(events, ['one', 'two']);
  t.same(tags, [undefined, '"one"', '"one"', '"two"']);
});

t.test('a URL without entity tags: the same text brings nothing', async (t) => {
  const url = await serve(t, (_, response) => response.end('one'));
  const source = createUrlSource(url, bounds);
  t.equal(await source.read(), 'one');
  t.equal(await source.read(), null);
});

t.test(
  'a URL that fails is told of once for each reason, without what may be secret in it',
  async (t) => {
    let answer: (response: ServerResponse) => void = (response) => response.end('one');
    const url = await serve(t, (_, response) => answer(response));
    const place = url.replace('?token=secret', '');
    const { events, poll, started } = follow(
      t,
      createUrlSource(url, { ...bounds, timeoutMs: 300 }),
    );
    await started;
    const faults: readonly (readonly [(response: ServerResponse) => unknown, string])[] = [
      [(response) => response.writeHead(500).end('no'), 'it answers with status 500'],
      [(response) => response.writeHead(304).end(), 'it answers with status 304'],
      [(response) => response.end('x'.repeat(1_001)), 'it is larger than 1000 bytes'],
      [(response) => response.write('half'), 'it does not answer within 300 ms'],
      [() => {}, 'it does not answer within 300 ms'],
      [(response) => response.destroy(), 'other side closed'],
    ];
    for (const [fault] of faults) {
      answer = fault;
      await poll();
      await poll();
    }
    answer = (response) => response.end('two');
    await poll();
    const told = faults.map(([, reason]) => `! ${place} cannot be read: ${reason}`);
    t.same(events, ['one', ...new Set(told), 'two']);
  },
);

t.test('a URL with a password in it is refused, and not repeated', async (t) => {
  t.throws(() => createUrlSource('http://ann:pass@127.0.0.1/graph', bounds), {
    code: 'CONFIGURATION_INVALID',
    message: /^(?!.*pass@)--supergraph must be/,
  });
});

t.test(
  'what changes several times while it is being loaded is read once more, not each time',
  async (t) => {
    let text = 0;
    let hint: () => void = () => {};
    const loading: (() => void)[] = [];
    const loaded: string[] = [];
    const paused = Promise.withResolvers<void>();
    const stop = followSource(
      {
        place: 'memory',
        read: async () => `v${text}`,
        onHint: (listener) => {
          hint = listener;
          return () => {};
        },
      },
      {
        pollSeconds: 1,
        onChange: (sdl) => {
          loaded.push(sdl);
          return new Promise<void>((resolve) => loading.push(resolve)).then(() => {
            if (loaded.length === 2) paused.resolve();
          });
        },
        onFailure: t.error,
        wait: (_, signal) =>
          new Promise((_resolve, reject) => signal.addEventListener('abort', reject)),
      },
    );
    t.teardown(stop);
    const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
    await turn();
    for (text = 1; text < 5; text += 1) hint();
    t.same(loaded, ['v0'], 'one at a time');
    loading[0]?.();
    await turn();
    t.same(loaded, ['v0', 'v5']);
    loading[1]?.();
    await paused.promise;
  },
);
