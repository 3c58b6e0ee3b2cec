import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { Agent, type IncomingMessage, request } from 'node:http';
import path from 'node:path';
import t, { type Test } from 'tap';
import { startHeldSubgraph } from '#test/support/held-subgraph.ts';
import { startWorkers } from '#test/support/running-workers.ts';

const typebox = import.meta.resolve('typebox');
const module = (name: string): string => new URL(`../../../gateway/${name}`, import.meta.url).href;

/**
 * A gateway whose answers say which worker gave them, and in which the operation `Hang` stops the event loop of the
 * worker that takes it, for ever.
 */
const config = [
  `import { defineConfig } from '${module('settings.ts')}';`,
  `import { definePlugin, use } from '${module('plugin.ts')}';`,
  `import { Type } from '${typebox}';`,
  'const hanging = definePlugin({',
  "  name: 'hanging',",
  '  options: Type.Object({}),',
  '  register(app) {',
  "    app.addHook('onRequest', async (_, reply) => void reply.header('x-worker', process.pid));",
  "    app.castellan.addHook('preParsing', (_, source) => {",
  "      if (source.includes('Hang')) for (;;);",
  '    });',
  '  },',
  '});',
  'export default defineConfig({ plugins: [use(hanging)], workers: { hangSeconds: 2 } });',
].join('\n');

/** A client with one connection, which stays with the worker that took it. */
function connectTo(t: Test, url: string) {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  t.teardown(() => agent.destroy());
  return async (query: string): Promise<{ readonly worker: number; readonly data: unknown }> => {
    const headers = { 'content-type': 'application/json' };
    const sent = request(`${url}/graphql`, { method: 'POST', agent, headers });
    sent.end(JSON.stringify({ query }));
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
    const { data } = JSON.parse(Buffer.concat(await response.toArray()).toString());
    return { worker: Number(response.headers['x-worker']), data };
  };
}

t.test('a worker that hangs is replaced, and the requests of the others go on', async (t) => {
  const subgraph = await startHeldSubgraph(t);
  const cwd = path.dirname(subgraph.file);
  writeFileSync(path.join(cwd, 'castellan.config.ts'), config);
  const { url, primary, pids } = await startWorkers(2, ['--supergraph', subgraph.file], { cwd });
  t.teardown(() => primary.stop());
  const both = await pids(2);
  const clients = new Map<number, ReturnType<typeof connectTo>>();
  while (clients.size < 2) {
    const client = connectTo(t, url);
    const { worker } = await client('{ __typename }');
    clients.set(worker, client);
  }
  const [[victim = 0, hang] = [], [, other] = []] = clients;
  if (hang === undefined || other === undefined) throw new TypeError('there are two');

  const answer = other('{ hello }');
  await subgraph.called(1);
  const noticed = primary.printed('a worker has not answered for 2 seconds; it is ended');
  await t.rejects(hang('query Hang { hello }'), 'what it had taken is lost');
  await noticed;
  const [successor] = await pids(1, both);
  t.not(successor, victim, 'another one serves in its place');
  subgraph.letGo();
  t.same((await answer).data, { hello: 'there' }, 'and nobody else has noticed');
});
