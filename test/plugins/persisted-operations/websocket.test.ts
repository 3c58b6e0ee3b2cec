import { writeFileSync } from 'node:fs';
import path from 'node:path';
import t, { type Test } from 'tap';
import { openSocket } from '#test/gateway/websocket/support/raw-socket.ts';
import { named, sha256, start } from './support/start.ts';

async function open(t: Test, options: Record<string, unknown>) {
  const gateway = await start(t, options);
  const socket = await openSocket(t, gateway.url);
  await socket.init();
  let id = 0;
  return {
    ...gateway,
    /** What an operation with this payload is answered with first. */
    async over(payload: Record<string, unknown>) {
      id += 1;
      socket.send({ id: String(id), type: 'subscribe', payload: { query: '', ...payload } });
      const { type, payload: answer } = await socket.next();
      if (type === 'next') await socket.next();
      return answer as Record<string, unknown>;
    },
  };
}

const refused = (code: string) => [{ extensions: { code } }];
const HELLO = '{ hello }';
const ME = '{ me { name } }';

t.test('a document registered by hash is known on every transport', async (t) => {
  const { over, post } = await open(t, {});
  const byHash = named(sha256(HELLO));
  t.match(await over(byHash), refused('PERSISTED_QUERY_NOT_FOUND'));
  t.match(await over({ query: ME, ...byHash }), refused('PERSISTED_QUERY_MISMATCH'));
  t.match(await over({ query: HELLO, ...byHash }), { data: { hello: 'hi' } });
  t.match(await over(byHash), { data: { hello: 'hi' } });
  t.match((await post(byHash)).answer, { data: { hello: 'hi' } });
  t.match(await post({ query: ME, ...named(sha256(ME)) }), { status: 200 });
  t.match(await over(named(sha256(ME))), { data: { me: { name: 'Ann' } } });
  t.match(await over({ documentId: `sha256:${sha256(ME)}` }), { data: { me: { name: 'Ann' } } });
});

t.test('what is no valid document is not registered', async (t) => {
  const { over } = await open(t, {});
  const nonsense = '{ nope }';
  const byHash = named(sha256(nonsense));
  t.match(await over({ query: nonsense, ...byHash }), refused('GRAPHQL_VALIDATION_FAILED'));
  t.match(await over(byHash), refused('PERSISTED_QUERY_NOT_FOUND'));
});

t.test('with onlyPersisted a WebSocket is no way around it', async (t) => {
  const manifest = path.join(t.testdir(), 'manifest.json');
  writeFileSync(manifest, JSON.stringify({ hello: HELLO }));
  const { over } = await open(t, { manifest, onlyPersisted: true });
  t.match(await over({ query: ME }), refused('OPERATION_NOT_TRUSTED'));
  t.match(await over({ query: ME, ...named(sha256(ME)) }), refused('OPERATION_NOT_TRUSTED'));
  t.match(await over(named(sha256(ME))), refused('OPERATION_NOT_TRUSTED'));
  t.match(await over({ query: ME, documentId: 'hello' }), refused('BAD_REQUEST'));
  t.match(await over({ query: '{ __schema { description } }' }), refused('OPERATION_NOT_TRUSTED'));
  for (const payload of [{ query: HELLO }, { documentId: 'hello' }, named(sha256(HELLO))]) {
    t.match(await over(payload), { data: { hello: 'hi' } });
  }
});
