import path from 'node:path';
import type { Test } from 'tap';
import {
  onEachLocation,
  onServer,
  onSqlite,
  type StoreLocation,
} from '#test/subgraphs/support/stores.ts';
import { type CastellanProcess, startCastellan } from './castellan-process.ts';

/** A whole Castellan as its users see it: one URL, whatever stands behind it. */
export interface RunningCastellan {
  readonly url: string;
  readonly folder: string;
  /** The greeting of the process that printed one with an owner; none when identity runs on its own. */
  readonly facts: ReadonlyMap<string, string>;
  readonly processes: readonly CastellanProcess[];
  output(): string;
}

type Env = Readonly<Record<string, string | undefined>>;

/** Runs a test against `castellan start`, and against gateway, identity and content as processes of their own, on each store. */
export function onEachCastellan(
  name: string,
  test: (t: Test, castellan: RunningCastellan) => Promise<void>,
  env: Env = {},
): void {
  onEachLocation(`${name}, in one process`, async (t, location) => {
    await test(t, await startWhole(t, location, env));
  });
  onEachLocation(`${name}, with identity in a process of its own`, async (t, location) => {
    await test(t, await startSplit(t, location, env));
  });
}

/**
 * The same twice instead of four times, for tests of what neither store nor process has a say in: in one process on
 * SQLite, and in processes of their own on PostgreSQL, or on SQLite where there is none.
 */
export function onEitherCastellan(
  name: string,
  test: (t: Test, castellan: RunningCastellan) => Promise<void>,
  env: Env = {},
): void {
  onSqlite(`${name}, in one process`, async (t, location) => {
    await test(t, await startWhole(t, location, env));
  });
  onServer(`${name}, with identity in a process of its own`, async (t, location) => {
    await test(t, await startSplit(t, location, env));
  });
}

/** `castellan start` on this store; it is stopped when the test ends. */
export async function startWhole(
  t: Test,
  location: Pick<StoreLocation, 'url' | 'file'>,
  env: Env = {},
): Promise<RunningCastellan> {
  const folder = path.dirname(location.file);
  const whole = await startCastellan(
    ['start'],
    { CASTELLAN_DATA: folder, DATABASE_URL: location.url, ...env },
    'GraphQL',
  );
  t.teardown(() => whole.stop());
  return running([whole], folder);
}

async function startSplit(t: Test, location: StoreLocation, given: Env): Promise<RunningCastellan> {
  const folder = path.dirname(location.file);
  const env = { CASTELLAN_DATA: folder, DATABASE_URL: location.url, ...given };
  const identity = await startCastellan(['identity'], env, 'Identity');
  t.teardown(() => identity.stop());
  const content = await startCastellan(['content'], env, 'Content');
  t.teardown(() => content.stop());
  const gateway = await startCastellan(
    ['gateway'],
    {
      ...env,
      IDENTITY_URL: identity.facts.get('Identity'),
      CASTELLAN_SUBGRAPH_IDENTITY_URL: `${identity.facts.get('Identity')}/graphql`,
      CASTELLAN_SUBGRAPH_CONTENT_URL: `${content.facts.get('Content')}/graphql`,
    },
    'GraphQL',
  );
  t.teardown(() => gateway.stop());
  return running([gateway, identity, content], folder);
}

function running(
  processes: readonly [CastellanProcess, ...CastellanProcess[]],
  folder: string,
): RunningCastellan {
  const { facts } = processes[0];
  return {
    url: (facts.get('GraphQL') ?? '').replace(/\/graphql$/, ''),
    folder,
    facts,
    processes,
    output: () => processes.map((each) => each.output()).join(''),
  };
}
