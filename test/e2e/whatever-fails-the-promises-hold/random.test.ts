import { randomInt } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import fc from 'fast-check';
import tap, { type Test } from 'tap';
import type { StoreLocation } from '#test/subgraphs/support/stores.ts';
import { onOwnCluster, type PostgresCluster } from '#test/support/postgres-cluster.ts';
import {
  type FleetKey,
  type GatewayProcess,
  startProcessFleet,
} from '#test/support/process-fleet.ts';
import { startTcpProxy, type TcpProxy } from '#test/support/tcp-proxy.ts';

// FAULTS_SEED repeats the faults of a run, FAULTS_SECONDS makes it longer.

const LEASE_SECONDS = 1;
const SECONDS = Number(process.env.FAULTS_SECONDS ?? 8);
const PAUSE_MS = 10;
const KEYS = 8;
const ANSWERS_BROKEN = 200;
const ANSWERS_WHOLE = 20;
/** Where nothing arrives, answers take long, too. */
const LONGEST_FAULT_MS = 2_500;

/** Breaks something, and answers the way to mend it. */
type Fault = () => Promise<() => unknown>;

tap.test('faults of all kinds (SQLite)', async (t) => {
  const file = `${t.testdir()}/castellan.db`;
  await endure(t, { dialect: 'sqlite', url: undefined, file }, {});
});

onOwnCluster('faults of all kinds (PostgreSQL)', async (t, cluster) => {
  const there = new URL(cluster.url);
  const network = await startTcpProxy(t, `http://${there.host}`);
  there.host = new URL(network.url).host;
  await endure(t, { ...cluster, url: there.href }, databaseFaults(cluster, network));
});

function databaseFaults(cluster: PostgresCluster, network: TcpProxy): Record<string, Fault> {
  const stop = (mode: 'fast' | 'immediate') => async () => {
    await cluster.stop(mode);
    return () => cluster.start();
  };
  return {
    'PostgreSQL is stopped': stop('fast'),
    'PostgreSQL crashes': stop('immediate'),
    'PostgreSQL says nothing': async () => {
      network.hold();
      return () => network.release();
    },
    'connections to PostgreSQL break': async () => {
      network.cut();
      return () => undefined;
    },
  };
}

/** Asks, creates and revokes without a pause, while one thing after the other breaks. */
async function endure(t: Test, location: StoreLocation, more: Record<string, Fault>) {
  const fleet = await startProcessFleet(t, location, LEASE_SECONDS);
  const { witness } = fleet;
  const identity = await fleet.identity();
  const proxy = await startTcpProxy(t, identity.url);
  const [near, far] = await Promise.all([
    fleet.gateway(identity.url),
    fleet.gateway(proxy.url, identity.url),
  ]);
  const cookie = await fleet.signUp(near);
  const keys: FleetKey[] = [];
  const revoked = new Set<FleetKey>();
  /** Their revocation was begun, and not acknowledged. */
  const unsure = new Set<FleetKey>();

  const stall = (pid: () => number) => async () => {
    const stalled = pid();
    process.kill(stalled, 'SIGSTOP');
    return () => process.kill(stalled, 'SIGCONT');
  };
  const hold = (path?: string) => async () => {
    proxy.hold(path);
    return () => proxy.release();
  };
  const faults: Record<string, Fault> = {
    'identity is killed': async () => {
      await identity.kill();
      return () => identity.start();
    },
    'identity stands still': stall(() => identity.pid),
    'a gateway stands still': stall(() => far.pid),
    'the feed says nothing': hold('/events'),
    'leases are late': hold('/lease'),
    'look-ups are late': hold('/introspect'),
    'nothing of identity arrives': hold(),
    'the network is gone': async () => {
      proxy.refuseNew(true);
      proxy.cut();
      return () => proxy.refuseNew(false);
    },
    'the feed is cut': async () => {
      proxy.cut('/events');
      return () => undefined;
    },
    ...more,
  };

  const seed = Number(process.env.FAULTS_SEED ?? randomInt(2 ** 31));
  const steps = fc.sample(
    fc.record({
      name: fc.constantFrom(...Object.keys(faults)),
      answers: fc.nat(ANSWERS_BROKEN),
    }),
    { numRuns: 1_000, seed },
  );
  const until = performance.now() + SECONDS * 1_000;
  let isOver = false;

  async function ask(gateway: GatewayProcess): Promise<void> {
    for (let turn = 0; !isOver; turn += 1) {
      const recent = keys.slice(-KEYS);
      const key = recent[turn % recent.length];
      if (key !== undefined) await gateway.statusOf(key.key);
      await wait(PAUSE_MS);
    }
  }

  async function change(): Promise<void> {
    for (let turn = 0; !isOver; turn += 1) {
      const made = await fleet.createKey(near, cookie).catch(() => undefined);
      if (made !== undefined) keys.push(made);
      await wait(PAUSE_MS);
      const gone = keys.at(-KEYS / 2);
      if (gone === undefined || revoked.has(gone) || unsure.has(gone)) continue;
      unsure.add(gone);
      const revoke =
        turn % 2 === 0 ? fleet.revokeInStore : fleet.revokeKey.bind(null, near, cookie);
      await revoke(gone).then(
        () => {
          unsure.delete(gone);
          revoked.add(gone);
        },
        () => undefined,
      );
    }
  }

  /** Between the faults enough was acknowledged, and answered, to be lost by the next one. */
  const isEnough = () =>
    revoked.size > 0 &&
    keys.length > revoked.size &&
    witness.seen.has(200) &&
    witness.seen.has(401);

  async function breakThings(): Promise<void> {
    await witness.answers(ANSWERS_WHOLE);
    for (const { name, answers } of steps) {
      if (performance.now() > until && isEnough()) break;
      witness.story.push(`seed ${seed}: ${name}, for ${answers} answers`);
      const mend = await (faults[name] as Fault)();
      await Promise.race([witness.answers(answers), wait(LONGEST_FAULT_MS)]);
      await mend();
      await witness.answers(ANSWERS_WHOLE);
    }
    isOver = true;
  }

  await Promise.all([breakThings(), change(), ask(near), ask(near), ask(far), ask(far)]);

  // By itself everything becomes what was acknowledged.
  for (const gateway of [near, far]) {
    for (const key of keys) {
      if (!unsure.has(key)) await gateway.whenStatus(key.key, revoked.has(key) ? 401 : 200);
    }
  }
  t.comment(`${keys.length} keys, ${revoked.size} revoked, ${unsure.size} perhaps`);
  t.comment(witness.seen, witness.story);
  t.ok(isEnough(), 'there was something to lose, and something to decide');
}
