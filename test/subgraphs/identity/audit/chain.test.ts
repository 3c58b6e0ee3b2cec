import { type RawBuilder, sql } from 'kysely';
import type { Test } from 'tap';
import { createPepperRing } from '#subgraphs/identity/api-keys/pepper-ring.ts';
import { createCheckpointKeys } from '#subgraphs/identity/audit/checkpoint-keys.ts';
import { type SealOptions, sealLog } from '#subgraphs/identity/audit/seal-log.ts';
import { type KeptCheckpoint, verifyLog } from '#subgraphs/identity/audit/verify-log.ts';
import { newPepper, startIdentity, type TestIdentity } from '../../support/running-identity.ts';
import { onEachStore, type Store } from '../../support/stores.ts';

interface Sealed {
  readonly identity: TestIdentity;
  readonly options: SealOptions;
  /** Writes past the triggers that refuse it, as the owner of the database can. */
  tamper(statement: RawBuilder<unknown>): Promise<void>;
  verify(kept?: KeptCheckpoint): ReturnType<typeof verifyLog>;
}

async function sealed(t: Test, store: Store, pepper = newPepper(1)): Promise<Sealed> {
  const identity = await startIdentity(t, store, { pepper });
  const { caller } = await identity.signUp();
  for (let count = 0; count < 3; count += 1) await identity.createKey(caller);
  const options: SealOptions = {
    database: identity.tables,
    dialect: store.dialect,
    clock: identity.clock,
    keys: createCheckpointKeys(createPepperRing(pepper)),
  };
  await sealLog(options);
  return {
    identity,
    options,
    async tamper(statement) {
      for (const table of ['identity_log', 'audit_chain', 'audit_checkpoint']) {
        const drop =
          store.dialect === 'sqlite'
            ? [
                `drop trigger if exists ${table}_no_update`,
                `drop trigger if exists ${table}_no_delete`,
              ]
            : [`drop trigger if exists ${table}_append_only on ${table}`];
        for (const text of drop) await sql.raw(text).execute(store.database);
      }
      await statement.execute(store.database);
    },
    verify: (kept) => verifyLog(options.database, options.keys, kept),
  };
}

onEachStore('a sealed log that nobody touched holds, and grows', async (t, store) => {
  const { identity, options, verify } = await sealed(t, store);
  const first = await verify();
  t.match(first, { rows: 9, checkpoints: 1, unsealed: 0, findings: [] });
  const { caller } = await identity.signUp();
  await identity.createKey(caller);
  t.match(await verify(), { rows: 16, checkpoints: 1, unsealed: 7, findings: [] });
  await sealLog(options);
  t.equal(await sealLog(options), null, 'nothing new');
  t.match(await verify(first.last ?? undefined), {
    rows: 16,
    checkpoints: 2,
    unsealed: 0,
    findings: [],
  });
});

onEachStore('several processes seal each row once', async (t, store) => {
  const { identity, options, verify } = await sealed(t, store);
  const { caller } = await identity.signUp();
  await Promise.all([
    ...Array.from({ length: 5 }, () => sealLog(options)),
    ...Array.from({ length: 5 }, () => identity.createKey(caller)),
  ]);
  await sealLog(options);
  t.match(await verify(), { rows: 20, unsealed: 0, findings: [] });
});

onEachStore('chain and checkpoints take no update and no delete', async (t, store) => {
  await sealed(t, store);
  for (const statement of [
    sql`update audit_chain set hash = 'x'`,
    sql`delete from audit_chain`,
    sql`update audit_checkpoint set at = 1`,
    sql`delete from audit_checkpoint`,
  ]) {
    await t.rejects(statement.execute(store.database), /takes no update and no delete/);
  }
});

const forgeries: readonly (readonly [string, RawBuilder<unknown>, object])[] = [
  [
    'an entry that was changed',
    sql`update identity_log set actor_id = 'somebody' where sequence = 3`,
    [{ sequence: 3, what: 'changed' }],
  ],
  [
    'an entry that was deleted',
    sql`delete from identity_log where sequence = 3`,
    [{ sequence: 3, what: 'deleted' }],
  ],
  [
    'a chain that lost a link',
    sql`delete from audit_chain where sequence = 3`,
    [
      { sequence: 3, what: 'inserted' },
      { sequence: 4, what: 'changed' },
    ],
  ],
  [
    'a checkpoint that says another time',
    sql`update audit_checkpoint set at = at + 1`,
    [{ what: 'wrong-checkpoint' }, { what: 'no-checkpoint' }],
  ],
  [
    'a checkpoint that is gone',
    sql`delete from audit_checkpoint`,
    [{ sequence: 9, what: 'no-checkpoint' }],
  ],
];

for (const [name, statement, findings] of forgeries) {
  onEachStore(`${name} is found`, async (t, store) => {
    const { tamper, verify } = await sealed(t, store);
    await tamper(statement);
    const found = (await verify()).findings;
    t.match(found, findings);
    t.equal(found.length, Object.keys(findings).length);
  });
}

onEachStore('a history that was written anew is not signed', async (t, store) => {
  const { options, tamper, verify } = await sealed(t, store);
  await tamper(sql`update identity_log set actor_id = 'somebody' where sequence = 3`);
  await tamper(sql`delete from audit_chain`);
  await tamper(sql`delete from audit_checkpoint`);
  const forged = createCheckpointKeys(createPepperRing(newPepper(1)));
  await sealLog({ ...options, keys: forged });
  t.match((await verify()).findings, [
    { sequence: 9, what: 'wrong-checkpoint' },
    { sequence: 9, what: 'no-checkpoint' },
  ]);
});

onEachStore(
  'an end that was cut off shows against a checkpoint kept elsewhere',
  async (t, store) => {
    const { options, tamper, verify, identity } = await sealed(t, store);
    const { caller } = await identity.signUp();
    await identity.createKey(caller);
    const kept = await sealLog(options);
    t.ok(kept);
    for (const table of ['identity_log', 'audit_chain', 'audit_checkpoint']) {
      await tamper(sql`delete from ${sql.table(table)} where sequence > 9`);
    }
    t.match(await verify(), { rows: 9, findings: [] }, 'what is left holds in itself');
    t.match((await verify(kept ?? undefined)).findings, [
      { sequence: kept?.sequence, what: 'cut-off' },
    ]);
  },
);

onEachStore('checkpoints outlive a new pepper, and not one that is gone', async (t, store) => {
  const old = newPepper(1);
  const { options, identity } = await sealed(t, store, old);
  const both = createCheckpointKeys(createPepperRing(`${newPepper(2)},${old}`));
  await identity.signUp();
  await sealLog({ ...options, keys: both });
  t.match(await verifyLog(options.database, both), { checkpoints: 2, findings: [] });
  const without = createCheckpointKeys(createPepperRing(newPepper(2)));
  t.match((await verifyLog(options.database, without)).findings, [{ what: 'unknown-key' }, {}]);
});

onEachStore('a service that stops seals what there is', async (t, store) => {
  const pepper = newPepper(1);
  const identity = await startIdentity(t, store, { pepper });
  await identity.signUp();
  await identity.close();
  const keys = createCheckpointKeys(createPepperRing(pepper));
  t.match(await verifyLog(identity.tables, keys), { checkpoints: 1, unsealed: 0, findings: [] });
  t.match(identity.logs(), /audit checkpoint/);
});
