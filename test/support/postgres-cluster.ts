import { execFile, execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, globSync } from 'node:fs';
import { chmod, chown, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import tap, { type Test } from 'tap';
import type { StoreLocation } from '#test/subgraphs/support/stores.ts';

const run = promisify(execFile);

/** A PostgreSQL server of a test's own, that may be stopped under what is connected to it. */
export interface PostgresCluster extends StoreLocation {
  readonly url: string;
  start(): Promise<void>;
  /** `fast` ends the sessions and writes everything down; `immediate` is a crash. */
  stop(mode: 'fast' | 'immediate'): Promise<void>;
}

/**
 * Runs a test with a server of its own, with `fsync` on. It is skipped where the tests have no PostgreSQL at all
 * (no TEST_DATABASE_URL), or not its programs.
 */
export function onOwnCluster(
  name: string,
  test: (t: Test, cluster: PostgresCluster) => Promise<void>,
): void {
  void tap.test(name, { skip: whyNot() }, async (t) => {
    await test(t, await startCluster(t));
  });
}

function whyNot(): string | false {
  if (!process.env.TEST_DATABASE_URL) return 'TEST_DATABASE_URL is not set';
  return binaries() === undefined ? 'the programs initdb and pg_ctl are not there' : false;
}

/** The folder of `initdb` and `pg_ctl`, the newest. */
function binaries(): string | undefined {
  const onPath = (process.env.PATH ?? '').split(path.delimiter);
  return [...globSync('/usr/lib/postgresql/*/bin').toSorted().toReversed(), ...onPath].find(
    (folder) => ['initdb', 'pg_ctl'].every((name) => existsSync(path.join(folder, name))),
  );
}

async function startCluster(t: Test): Promise<PostgresCluster> {
  const bin = binaries() ?? '';
  const owner = ownerOfServer();
  const folder = await mkdtemp(path.join(tmpdir(), 'castellan-cluster-'));
  const data = path.join(folder, 'data');
  const passwords = path.join(folder, 'password');
  const password = randomBytes(24).toString('hex');
  await writeFile(passwords, password);
  if (owner !== undefined) {
    for (const each of [folder, passwords]) await chown(each, owner.uid, owner.gid);
  }
  await chmod(folder, 0o700);
  const command = (name: string, args: readonly string[]) =>
    run(path.join(bin, name), args, { ...owner, cwd: folder });

  const port = await freePort();
  const settings = `-c listen_addresses=127.0.0.1 -c port=${port} -c unix_socket_directories=''`;
  const control = (...args: string[]) =>
    command('pg_ctl', ['--pgdata', data, '--wait', '--silent', ...args]);
  let isUp = false;
  const cluster: PostgresCluster = {
    dialect: 'postgres',
    url: `postgres://castellan:${password}@127.0.0.1:${port}/postgres`,
    file: path.join(t.testdir(), 'unused.db'),
    async start() {
      await control('--log', path.join(folder, 'log'), '--options', settings, 'start');
      isUp = true;
    },
    async stop(mode) {
      isUp = false;
      await control('--mode', mode, 'stop');
    },
  };
  t.teardown(async () => {
    if (isUp) await cluster.stop('immediate');
    await rm(folder, { recursive: true });
  });
  await command('initdb', [
    ...['--pgdata', data, '--username', 'castellan', '--pwfile', passwords],
    ...['--auth', 'scram-sha-256', '--encoding', 'UTF8', '--locale', 'C', '--no-sync'],
  ]);
  await cluster.start();
  return cluster;
}

/** PostgreSQL refuses to run as root: then it runs as somebody who has no rights. */
function ownerOfServer(): { readonly uid: number; readonly gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const [uid, gid] = ['-u', '-g'].map((flag) => Number(execFileSync('id', [flag, 'nobody'])));
  return uid === undefined || gid === undefined ? undefined : { uid, gid };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (typeof address !== 'object' || address === null) throw new Error('no port is free');
  return address.port;
}
