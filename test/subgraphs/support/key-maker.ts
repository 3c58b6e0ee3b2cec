import { randomBytes } from 'node:crypto';
import { pino } from 'pino';
import { anonymousCaller } from '#contract/caller.ts';
import { CLAIMS_HEADER } from '#contract/claims.ts';
import { allPermissions } from '#contract/permissions/scope.ts';
import { createIdentity } from '#subgraphs/identity/app.ts';
import { personalIds } from '#subgraphs/identity/organizations/personal-organization.ts';
import { openDatabase } from '#subgraphs/kit/index.ts';
import { askSubgraph } from './ask-subgraph.ts';
import { createClaimsIssuer } from './claims-issuer.ts';
import { manyKeys } from './running-identity.ts';
import type { StoreLocation } from './stores.ts';

// A process to be killed: it prints its pepper, and then each key as soon as the mutation has answered.
const location: StoreLocation = JSON.parse(process.env.LOCATION ?? '');
const pepper = `v1:${randomBytes(32).toString('base64')}`;
const issuer = await createClaimsIssuer();
const { app, seedOwner } = await createIdentity({
  database: await openDatabase(location),
  dialect: location.dialect,
  pepper,
  claims: { keys: issuer.keys },
  baseUrl: 'http://127.0.0.1:4000',
  production: false,
  settings: manyKeys,
  logger: pino({ level: 'silent' }),
});
const owner = await seedOwner();
if (owner === null) throw new Error('the store is not new');
process.stdout.write(`${pepper}\n`);
const caller = {
  ...anonymousCaller,
  kind: 'session',
  subject: owner.userId,
  organization: personalIds(owner.userId).organization,
  permissions: allPermissions,
} as const;
for (;;) {
  const token = await issuer.mint(caller, 'identity', Date.now());
  const { data } = await askSubgraph(
    app,
    { [CLAIMS_HEADER]: token },
    'mutation { createAPIKey(input: { name: "a" }) { key } }',
  );
  if (!data) throw new Error('no key was made');
  const { key } = data.createAPIKey as { key: string };
  process.stdout.write(`${key}\n`);
}
