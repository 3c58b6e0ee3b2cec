import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';
import { createParser } from 'eventsource-parser';
import { sql } from 'kysely';
import type { Test } from 'tap';
import { decodeFeedMessage, encodePosition, type FeedMessage } from '#contract/identity-feed.ts';
import { createIdentityLog } from '#subgraphs/identity/log/identity-log.ts';
import { startIdentity, type TestIdentity } from '../../support/running-identity.ts';
import { onEachStore, type Store } from '../../support/stores.ts';

const SECRET = 'a-secret-of-gateways-and-identity';
const authorization = `Bearer ${SECRET}`;

async function serve(t: Test, store: Store) {
  const identity = await startIdentity(t, store, { secret: SECRET });
  const url = await identity.app.listen({ host: '127.0.0.1', port: 0 });
  return { identity, url };
}

/** Reads a feed, message by message; the test's end leaves it. */
async function read(t: Test, url: string, lastEventId?: string) {
  const leaving = new AbortController();
  t.teardown(() => leaving.abort());
  const response = await fetch(`${url}/events`, {
    headers: { authorization, ...(lastEventId && { 'last-event-id': lastEventId }) },
    signal: leaving.signal,
  });
  const messages = messagesOf(response);
  return {
    response,
    leave: () => leaving.abort(),
    async next(): Promise<FeedMessage> {
      const { value } = await messages.next();
      if (value === undefined) throw new Error('the feed has ended');
      return value;
    },
  };
}

async function* messagesOf({ body }: Response): AsyncGenerator<FeedMessage, undefined> {
  const read: FeedMessage[] = [];
  const parser = createParser({
    onEvent(event) {
      const message = decodeFeedMessage(event);
      if (message !== null) read.push(message);
    },
  });
  const decoder = new TextDecoder();
  for await (const chunk of body ?? []) {
    parser.feed(decoder.decode(chunk, { stream: true }));
    yield* read.splice(0);
  }
}

const endOf = ({ tables }: TestIdentity) => createIdentityLog(tables).end();

/** Rows that are there as triggers would have written them, `count` of them in one statement. */
const log = (store: Store, count: number) =>
  sql`with recursive n(i) as (select 1 union all select i + 1 from n where i < ${sql.lit(count)})
    insert into identity_log (at, action, touches, touched_id, actor_kind, detail)
    select 7, 'key.revoked', 'credential', 'key_' || cast(i as text), 'unknown', '{}' from n`.execute(
    store.database,
  );

onEachStore('without a place the feed begins with a reset and goes on live', async (t, store) => {
  const { identity, url } = await serve(t, store);
  const { caller } = await identity.signUp();
  const feed = await read(t, url);
  t.match(feed.response.headers.get('content-type'), /^text\/event-stream/);
  t.same(await feed.next(), { kind: 'reset', position: await endOf(identity) });
  const { id } = await identity.createKey(caller);
  const { sequence } = await endOf(identity);
  t.match(await feed.next(), {
    kind: 'touched',
    event: { sequence, touches: 'credential', id },
  });
});

onEachStore('what others commit, by whatever means, is told', async (t, store) => {
  const { identity, url } = await serve(t, store);
  const { caller } = await identity.signUp();
  const { id } = await identity.createKey(caller);
  const feed = await read(t, url, encodePosition(await endOf(identity)));
  await sql`update api_key set revoked_at = 1 where id = ${id}`.execute(store.database);
  t.match(await feed.next(), { kind: 'touched', event: { touches: 'credential', id } });
});

onEachStore('what is nobody’s affair is told as reached', async (t, store) => {
  const { identity, url } = await serve(t, store);
  const feed = await read(t, url, encodePosition(await endOf(identity)));
  await sql`insert into identity_log (at, action, touched_id, actor_kind, detail)
    values (7, 'nothing.much', 'x', 'unknown', '{}')`.execute(store.database);
  t.same(await feed.next(), { kind: 'reached', position: await endOf(identity) });
});

onEachStore(
  'a feed goes on after its Last-Event-ID, without gap or repetition',
  async (t, store) => {
    const { identity, url } = await serve(t, store);
    const { caller } = await identity.signUp();
    const before = await endOf(identity);
    const ids: string[] = [];
    for (let index = 0; index < 3; index += 1) ids.push((await identity.createKey(caller)).id);
    const first = await read(t, url, encodePosition(before));
    const { position, ...told } = await first.next();
    t.match(told, { kind: 'touched', event: { id: ids[0] } });
    first.leave();
    const again = await read(t, url, encodePosition(position));
    t.match(await again.next(), { event: { id: ids[1] } });
    t.match(await again.next(), { event: { id: ids[2] } });
  },
);

onEachStore('ten thousand events are told page by page, more are a reset', async (t, store) => {
  const { identity, url } = await serve(t, store);
  const before = await endOf(identity);
  await log(store, 10_000);
  const feed = await read(t, url, encodePosition(before));
  for (let index = 1; index <= 10_000; index += 1) {
    const message = await feed.next();
    if (message.kind === 'touched' && message.event.id === `key_${index}`) continue;
    t.fail(`the message ${index} is another one`, { found: message });
    return;
  }
  await log(store, 1);
  t.match(await feed.next(), { event: { id: 'key_1' } });
  const late = await read(t, url, encodePosition(before));
  t.same(await late.next(), { kind: 'reset', position: await endOf(identity) });
});

onEachStore('a place that this log does not go through is a reset', async (t, store) => {
  const { identity, url } = await serve(t, store);
  await identity.signUp();
  const position = await endOf(identity);
  const { sequence, at } = position;
  for (const id of [
    encodePosition({ sequence: sequence + 1_000, at }),
    // The same number in a log that went on differently after it was restored.
    encodePosition({ sequence, at: at + 1 }),
    'nonsense',
  ]) {
    const feed = await read(t, url, id);
    t.same(await feed.next(), { kind: 'reset', position }, id);
  }
});

onEachStore('a log that was put back under a running identity is a reset', async (t, store) => {
  const { identity, url } = await serve(t, store);
  await identity.signUp();
  const feed = await read(t, url);
  await feed.next();
  const resets: number[] = [];
  identity.identity.subscribe(
    () => undefined,
    (sequence) => resets.push(sequence),
  );
  await putBack(store);
  const position = await endOf(identity);
  t.same(await feed.next(), { kind: 'reset', position });
  t.same(resets, [position.sequence]);
  t.equal(await identity.identity.lease(), position.sequence);
});

/** Takes the last rows away, as a backup from before them would, and writes others in their place. */
async function putBack(store: Store): Promise<void> {
  const guards =
    store.dialect === 'sqlite'
      ? [sql`drop trigger identity_log_no_delete`]
      : [sql`drop trigger identity_log_append_only on identity_log`];
  await store.database.transaction().execute(async (transaction) => {
    for (const guard of guards) await guard.execute(transaction);
    await sql`delete from identity_log where sequence > 1`.execute(transaction);
    await sql`insert into identity_log (sequence, at, action, touched_id, actor_kind, detail)
      values (2, 1, 'another.history', 'x', 'unknown', '{}')`.execute(transaction);
  });
}

onEachStore(
  'a lease is the last number, read for the request, beside its nonce',
  async (t, store) => {
    const { identity, url } = await serve(t, store);
    await identity.signUp();
    const nonce = randomBytes(16).toString('hex');
    const ask = (path: string, headers = { authorization }) =>
      fetch(`${url}${path}`, { method: 'POST', headers });
    for (let round = 0; round < 2; round += 1) {
      const response = await ask(`/lease?nonce=${nonce}`);
      t.equal(response.headers.get('cache-control'), 'no-store');
      t.same(await response.json(), { nonce, sequence: (await endOf(identity)).sequence });
      await log(store, 1);
    }
    for (const bad of [
      '',
      '?nonce=',
      '?nonce=short',
      `?nonce=${'x'.repeat(129)}`,
      '?nonce=a%0Ab',
    ]) {
      t.equal((await ask(`/lease${bad}`)).status, 400, bad);
    }
  },
);

onEachStore('neither is for anybody without the secret', async (t, store) => {
  const { url } = await serve(t, store);
  for (const [method, path] of [
    ['GET', '/events'],
    ['POST', `/lease?nonce=${'a'.repeat(32)}`],
  ] as const) {
    for (const given of [undefined, 'Bearer another-secret-of-somebody']) {
      const headers = given === undefined ? {} : { authorization: given };
      const response = await fetch(url + path, { method, headers });
      t.equal(response.status, 401, `${method} ${path}`);
      t.match(await response.json(), { errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] });
    }
  }
});

onEachStore('without the store there is no lease, and the feed tells nothing', async (t, store) => {
  const { identity, url } = await serve(t, store);
  const id = encodePosition(await endOf(identity));
  await store.database.destroy();
  const lease = await fetch(`${url}/lease?nonce=${'a'.repeat(32)}`, {
    method: 'POST',
    headers: { authorization },
  });
  t.equal(lease.status, 503);
  t.match(await lease.json(), { errors: [{ extensions: { code: 'IDENTITY_UNAVAILABLE' } }] });
  await t.rejects(read(t, url, id).then((feed) => feed.next()));
});

onEachStore('a reader that takes nothing holds nobody up', async (t, store) => {
  const { identity, url } = await serve(t, store);
  const before = encodePosition(await endOf(identity));
  await log(store, 10_000);
  const { port } = new URL(url);
  const idle = connect(Number(port), '127.0.0.1');
  t.teardown(() => idle.destroy());
  idle.pause();
  idle.write(
    `GET /events HTTP/1.1\r\nHost: a\r\nAuthorization: ${authorization}\r\nLast-Event-ID: ${before}\r\n\r\n`,
  );
  const feed = await read(t, url, before);
  for (let index = 1; index <= 10_000; index += 1) await feed.next();
  await log(store, 1);
  t.match(await feed.next(), { event: { id: 'key_1' } });
  t.ok(idle.bytesRead < 1_000_000, 'and little is kept for it');
});

onEachStore('a service that stops ends its feeds, and waits for none', async (t, store) => {
  const { identity, url } = await serve(t, store);
  const feed = await read(t, url);
  await feed.next();
  await identity.close();
  await t.rejects(feed.next());
});
