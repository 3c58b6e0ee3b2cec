import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { createApiKey } from '../../contract/api-key.ts';
import { createSigningKey } from '../../contract/signing-keys.ts';
import { startCastellan, startModule, stopAll } from '../processes.ts';
import { type BenchStore, postgresStore, sqliteStore } from './bench-store.ts';
import { claimsRates } from './claims-rates.ts';
import { type Flood, type Flooded, flood } from './flood.ts';
import type { GatewaysJob } from './serve-gateways.ts';

const GATEWAYS = 16;
const COLD_KEYS = 100;
const POLL_MS = 4;
const WARM_UP = 4;
const supergraphFile = fileURLToPath(new URL('../../supergraph.graphql', import.meta.url));
const module = (file: string): string => new URL(`../../${file}`, import.meta.url).href;

interface Key {
  readonly id: string;
  readonly key: string;
}

/** Measures what the auth plugin costs and how fast a revocation travels; results/auth.json has it for each store. */
async function measureAuth(store: BenchStore, quick: boolean): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'castellan-bench-auth-'));
  const env: Record<string, string> = {
    NODE_ENV: 'production',
    CASTELLAN_DATA: folder,
    CASTELLAN_SIGNING_KEY: createSigningKey(),
    CASTELLAN_PEPPER: `v1:${randomBytes(32).toString('base64')}`,
    IDENTITY_SECRET: randomBytes(32).toString('base64url'),
  };
  try {
    const home = await mkdtemp(join(folder, 'identity-'));
    await writeFile(join(home, 'castellan.config.ts'), identityConfig);
    const identity = await startCastellan(['identity', '--port', '0'], 'Identity', {
      env: { ...env, ...store.env },
      cwd: home,
    });
    const counter = await countLookups(identity.facts.get('Identity') ?? '');
    env.IDENTITY_URL = counter.url;
    env.CASTELLAN_SUBGRAPH_IDENTITY_URL = `${identity.facts.get('Identity')}/graphql`;
    const start = async (name: string, args: readonly string[], options: string) => {
      const cwd = await mkdtemp(join(folder, `${name}-`));
      await writeFile(join(cwd, 'castellan.config.ts'), configWith(options));
      const flags = ['gateway', '--supergraph', supergraphFile, '--port', '0', ...args];
      const { facts, pid } = await startCastellan(flags, 'GraphQL', { env, cwd });
      return { url: (facts.get('GraphQL') ?? '').replace(/\/graphql$/, ''), pid };
    };
    const open = await start('open', ['--open'], '{}');
    const warm = await start('warm', [], '{}');
    // Remembers one caller: each request of another one is a first one.
    const cold = await start('cold', [], '{ maxEntries: 1 }');
    const cookie = await signUp(warm.url);
    const keys: Key[] = [];
    for (let index = 0; index < COLD_KEYS; index += 1) keys.push(await createKey(warm.url, cookie));
    const texts = keys.map(({ key }) => key);
    const unknown = Array.from({ length: COLD_KEYS }, () => createApiKey('test'));

    const many = quick ? 2_000 : 15_000;
    const rows: Record<string, Flood> = {
      'no auth (--open)': { ...open, keys: [], status: 200, requests: many },
      'one known key': { ...warm, keys: texts.slice(0, 1), status: 200, requests: many },
      '100 known keys': { ...warm, keys: texts, status: 200, requests: many },
      'each key for the first time': { ...cold, keys: texts, status: 200, requests: many / 4 },
      'no key at all (bad checksum)': {
        ...warm,
        keys: ['cst_test_garbage'],
        status: 401,
        requests: many,
      },
      'unknown keys, remembered': { ...warm, keys: unknown, status: 401, requests: many },
    };
    const requests = await interleaved(rows, quick ? 1 : 5);
    const fresh = await createKey(warm.url, cookie);
    // Making it may have asked who makes it.
    const before = counter.count();
    await Promise.all(Array.from({ length: 1_000 }, () => statusOf(warm.url, fresh.key)));
    const lookups = counter.count() - before;
    const revocation = await revocations(env, cookie, quick ? 3 : 12);
    const claims = await claimsRates(quick ? 2_000 : 20_000);
    const result = { quick, requests, lookupsOf1000: lookups, revocation, claims };
    if (!quick) await keepResult(store.name, result);
    process.stdout.write(`${JSON.stringify({ [store.name]: result }, null, 2)}\n`);
    counter.close();
  } finally {
    await stopAll();
    await store.drop();
    await rm(folder, { recursive: true, force: true });
  }
}

/** Beside what was measured on the other store. */
async function keepResult(name: BenchStore['name'], result: object): Promise<void> {
  const file = new URL('../results/auth.json', import.meta.url);
  const kept = JSON.parse(await readFile(file, 'utf8')) as object;
  await writeFile(file, `${JSON.stringify({ ...kept, [name]: result }, null, 2)}\n`);
}

const configWith = (options: string): string =>
  [
    `import { use } from '${module('gateway/plugin.ts')}';`,
    `import { defineConfig } from '${module('gateway/settings.ts')}';`,
    `import { auth } from '${module('plugins/auth/index.ts')}';`,
    `export default defineConfig({ plugins: [use(auth, ${options})] });`,
  ].join('\n');

/** Here everybody may sign up, and nobody has to have an address. */
const identityConfig = [
  `import { defineIdentity } from '${module('subgraphs/identity/settings.ts')}';`,
  'export const identity = defineIdentity({',
  "  signUp: { policy: 'open', verifyEmail: false },",
  '  keys: { maxPersonalKeys: 1_000 },',
  '});',
].join('\n');

/**
 * The rows take turns; each number is the median of its rounds. Before, each has a longer turn: several rows share a
 * process, which would otherwise be warmer than one that has a single row.
 */
async function interleaved(rows: Readonly<Record<string, Flood>>, rounds: number) {
  const found = new Map<string, Flooded[]>(Object.keys(rows).map((name) => [name, []]));
  for (let round = 0; round <= rounds; round += 1) {
    for (const [name, row] of Object.entries(rows)) {
      const requests = round === 0 ? row.requests * WARM_UP : row.requests;
      const flooded = await flood({ ...row, requests });
      if (round > 0) found.get(name)?.push(flooded);
    }
  }
  return Object.fromEntries(
    [...found].map(([name, all]) => [
      name,
      {
        perSecond: quantile(
          all.map((each) => each.perSecond),
          0.5,
        ),
        cpuMicros: quantile(
          all.map((each) => each.cpuMicros),
          0.5,
        ),
      },
    ]),
  );
}

/** Milliseconds from a revocation, at the first of many gateways, to the refusal at each of them. */
async function revocations(env: Readonly<Record<string, string>>, cookie: string, rounds: number) {
  const served = startModule(import.meta.resolve('./serve-gateways.ts'));
  const job: GatewaysJob = { count: GATEWAYS, supergraphFile, env };
  const { urls } = (await served.ask(job)) as { urls: readonly string[] }; // What it sends.
  const fromSend: number[] = [];
  const fromAnswer: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const { id, key } = await createKey(urls[0] ?? '', cookie);
    await Promise.all(urls.map((url) => until(url, key, 200)));
    const refused = urls.map((url) => until(url, key, 401));
    const sent = performance.now();
    await change(urls[0] ?? '', cookie, `mutation { revokeAPIKey(id: "${id}") { id } }`);
    const answered = performance.now();
    for (const at of await Promise.all(refused)) {
      fromSend.push(at - sent);
      fromAnswer.push(Math.max(0, at - answered));
    }
  }
  const both = (all: readonly number[]) => ({
    p50Ms: Number(quantile(all, 0.5).toFixed(1)),
    p99Ms: Number(quantile(all, 0.99).toFixed(1)),
  });
  return { gateways: GATEWAYS, rounds, fromSend: both(fromSend), fromAnswer: both(fromAnswer) };
}

async function until(url: string, key: string, status: number): Promise<number> {
  while ((await statusOf(url, key)) !== status) await wait(POLL_MS);
  return performance.now();
}

async function statusOf(url: string, key: string): Promise<number> {
  const headers = { authorization: `Bearer ${key}` };
  const response = await fetch(`${url}/graphql?query={__typename}`, { headers });
  await response.arrayBuffer();
  return response.status;
}

async function change(url: string, cookie: string, query: string): Promise<unknown> {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', cookie },
    body: JSON.stringify({ query }),
  });
  const { data, errors } = (await response.json()) as { data: unknown; errors?: unknown };
  if (errors !== undefined) throw new Error(JSON.stringify(errors));
  return data;
}

async function createKey(url: string, cookie: string): Promise<Key> {
  const query =
    'mutation { createAPIKey(input: { name: "bench", permissions: [READ] }) { id key } }';
  return ((await change(url, cookie, query)) as { createAPIKey: Key }).createAPIKey;
}

async function signUp(url: string): Promise<string> {
  const password = randomBytes(16).toString('hex');
  const response = await fetch(`${url}/api/auth/sign-up/email`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'Bench', email: 'bench@example.com', password }),
  });
  if (!response.ok) throw new Error(`sign-up was answered with ${response.status}`);
  return response.headers
    .getSetCookie()
    .map((each) => each.split(';', 1)[0])
    .join('; ');
}

/** Passes everything on to identity, and counts the look-ups. */
async function countLookups(target: string) {
  let count = 0;
  const server = createServer((incoming, outgoing) => {
    if (incoming.url?.startsWith('/introspect')) count += 1;
    const { method, headers } = incoming;
    const onward = request(new URL(incoming.url ?? '/', target), { method, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    onward.on('error', () => outgoing.destroy());
    outgoing.on('close', () => onward.destroy());
    incoming.pipe(onward);
  });
  // As identity itself: a connection that is closed while it is used again would be an outage.
  server.keepAliveTimeout = 72_000;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    count: () => count,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

const store = process.argv.includes('--postgres') ? await postgresStore() : sqliteStore;
await measureAuth(store, process.argv.includes('--quick'));
