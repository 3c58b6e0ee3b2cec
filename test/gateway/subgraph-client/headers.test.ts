import t from 'tap';
import { defineConfig } from '#gateway/settings.ts';
import { connect, type SubgraphsSettings } from './support/connect.ts';
import { answer, fine, startFaultySubgraph } from './support/faulty-subgraph.ts';

const requestId = '0b6ef36a-9d1c-4f4e-8f5d-1c2b3a495867';
const traceId = requestId.replaceAll('-', '');

/** The headers that a subgraph gets, call by call. */
async function headersOf(
  t: Parameters<typeof connect>[0],
  headers: Readonly<Record<string, string>>,
  settings: SubgraphsSettings = {},
  calls = 1,
): Promise<Readonly<Record<string, unknown>>[]> {
  const { url, received } = await startFaultySubgraph(t, answer(fine));
  const { call } = connect(t, url, settings);
  for (let index = 0; index < calls; index += 1) await call({ headers, requestId });
  return received.map((request) => request.headers);
}

t.test("nothing of a client's request goes on unless its name is configured", async (t) => {
  const sent = {
    authorization: 'Bearer x',
    cookie: 'a=b',
    host: 'evil.example',
    'accept-language': 'de',
    'x-tenant': 'one',
    'x-other': 'two',
    'content-length': '5',
  };
  const [none] = await headersOf(t, sent, { traceparent: 'off' });
  t.same(Object.keys(none ?? {}).toSorted(), [
    'accept',
    'castellan-request-id',
    'connection',
    'content-length',
    'content-type',
    'host',
  ]);
  t.match(none, { 'castellan-request-id': requestId, 'content-type': 'application/json' });
  t.not(none?.host, 'evil.example');
  const [some] = await headersOf(t, sent, {
    propagateHeaders: ['Accept-Language', 'x-tenant', 'x-absent'],
  });
  t.match(some, { 'accept-language': 'de', 'x-tenant': 'one' });
  t.notOk(
    'x-other' in (some ?? {}) || 'x-absent' in (some ?? {}) || 'authorization' in (some ?? {}),
  );
});

t.test('credentials, hop-by-hop headers and what gateways say cannot be configured', async (t) => {
  const never = [
    'authorization',
    'Cookie',
    'proxy-authorization',
    'Host',
    'content-type',
    'Content-Length',
    'content-anything',
    'castellan-claims',
    'castellan_claims',
    'Castellan-Whatever',
    'connection',
    'Keep-Alive',
    'te',
    'trailer',
    'transfer-encoding',
    'upgrade',
    'expect',
    'accept-encoding',
    'traceparent',
    '',
    'x-*',
    'x tenant',
    'x:tenant',
  ].filter((name) => name !== 'x-*');
  for (const name of never) {
    const bySubgraph = { users: { propagateHeaders: [name] } };
    for (const subgraphs of [{ propagateHeaders: [name] }, { bySubgraph }]) {
      t.throws(
        () => defineConfig({ plugins: [], subgraphs }),
        {
          code: 'CONFIGURATION_INVALID',
          message: /^castellan\.config\.ts: subgraphs.*propagateHeaders: /,
        },
        name,
      );
    }
  }
});

const client = `00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01`;

t.test('a valid trace context is continued, with a new id for each call', async (t) => {
  const sent = { traceparent: client, tracestate: 'vendor=1' };
  const calls = await headersOf(t, sent, { shareInFlight: false }, 3);
  const ids = calls.map(({ traceparent, tracestate }) => {
    t.equal(tracestate, 'vendor=1');
    const [, id] =
      /^00-4bf92f3577b34da6a3ce929d0e0e4736-([0-9a-f]{16})-01$/.exec(String(traceparent)) ?? [];
    return id;
  });
  t.equal(new Set([...ids, '00f067aa0ba902b7', undefined]).size, 5);
});

t.test('of a later version, what we know is continued', async (t) => {
  const later = '42-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-ff-more';
  const [headers] = await headersOf(t, { traceparent: later });
  t.match(headers?.traceparent, /^00-4bf92f3577b34da6a3ce929d0e0e4736-[0-9a-f]{16}-03$/);
});

const invalid = [
  undefined,
  '',
  'x',
  client.toUpperCase(),
  `${client}-more`,
  client.replace('00-', 'ff-'),
  client.replace(/4b.*36/, '0'.repeat(32)),
  client.replace('00f067aa0ba902b7', '0'.repeat(16)),
  client.slice(0, -1),
  `${client}, ${client}`,
  ` ${client}`.replace(' ', '\u00a0'),
];
for (const traceparent of invalid) {
  t.test(`a trace is begun where the client sent ${traceparent}`, async (t) => {
    const sent = { ...(traceparent !== undefined && { traceparent }), tracestate: 'vendor=1' };
    const [one, two] = await headersOf(t, sent, {}, 2);
    const started = new RegExp(`^00-${traceId}-(?!0{16})[0-9a-f]{16}-01$`);
    t.match(one?.traceparent, started, 'named like the request');
    t.match(two?.traceparent, started);
    t.not(one?.traceparent, two?.traceparent);
    t.notOk(one && 'tracestate' in one, 'a state without its parent means nothing');
    const [continuing] = await headersOf(t, sent, { traceparent: 'continue' });
    t.notOk(continuing && 'traceparent' in continuing, 'unless it is only to be continued');
  });
}

t.test('a trace state that is too long is dropped', async (t) => {
  const [headers] = await headersOf(t, { traceparent: client, tracestate: `a=${'b'.repeat(511)}` });
  t.match(headers?.traceparent, /^00-4bf92f3577b34da6a3ce929d0e0e4736-/);
  t.notOk(headers && 'tracestate' in headers);
});

t.test('traceparent: off sends none at all', async (t) => {
  const [headers] = await headersOf(
    t,
    { traceparent: client, tracestate: 'a=b' },
    { traceparent: 'off' },
  );
  t.notOk(headers && ('traceparent' in headers || 'tracestate' in headers));
});
