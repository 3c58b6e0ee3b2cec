import t from 'tap';
import { createAuditReader } from '#subgraphs/identity/audit/audit-reader.ts';
import { createBoundedWork } from '#subgraphs/identity/bounded-work.ts';
import { boundedLog, type IdentityLog } from '#subgraphs/identity/log/identity-log.ts';
import { startIdentity } from '../../support/running-identity.ts';
import { onEachStore } from '../../support/stores.ts';

t.test('of many feeds that are behind only a few read the store at once', async (t) => {
  const gate = Promise.withResolvers<void>();
  let running = 0;
  const log: IdentityLog = {
    async end() {
      return { sequence: 0, at: 0 };
    },
    async from(sequence) {
      running += 1;
      t.ok(running <= 2);
      await gate.promise;
      running -= 1;
      return [{ sequence, at: 0, touches: null, touched_id: 'a' }];
    },
  };
  const bounded = boundedLog(log, createBoundedWork({ atOnce: 2, waiting: 100 }));
  const reads = Array.from({ length: 20 }, (_, sequence) => bounded.from(sequence, 1));
  gate.resolve();
  const rows = (await Promise.all(reads)).flat();
  t.same(
    rows.map(({ sequence }) => sequence),
    [...reads.keys()],
    'and all of them get what they asked for',
  );
});

onEachStore(
  'readers of the audit log beyond the bound are told to come again',
  async (t, store) => {
    const identity = await startIdentity(t, store);
    await identity.signUp();
    const reader = createAuditReader(identity.tables, createBoundedWork({ atOnce: 1, waiting: 1 }));
    const read = () => reader.newest({ everything: true }, {}, 5);
    const outcomes = await Promise.allSettled([read(), read(), read()]);
    t.match(outcomes, [
      { status: 'fulfilled' },
      { status: 'fulfilled' },
      { status: 'rejected', reason: { code: 'OVERLOADED' } },
    ]);
    t.ok((await read()).rows.length > 0);
  },
);
