import { readFileSync } from 'node:fs';
import type { FastifyBaseLogger, FastifyInstance } from 'fastify';
import { sql } from 'kysely';
import { type Clock, systemClock } from '#contract/clock.ts';
import { type Identity, SEQUENCE_HEADER } from '#contract/identity.ts';
import {
  createSubgraph,
  type Database,
  type Dialect,
  dateTimeScalar,
  type SubgraphClaims,
} from '#subgraphs/kit/index.ts';
import { createApiKeyReader } from './api-keys/api-key-reader.ts';
import { createApiKeys } from './api-keys/api-keys.ts';
import { createKeyPolicies } from './api-keys/key-policies.ts';
import { createKeyTexts } from './api-keys/key-texts.ts';
import { createPepperRing } from './api-keys/pepper-ring.ts';
import { createRehashKeys } from './api-keys/rehash-keys.ts';
import { apiKeyResolvers } from './api-keys/resolvers.ts';
import { createChanges } from './changes.ts';
import { migrateIdentity } from './database/migrate-identity.ts';
import { identityDatabase } from './database/tables.ts';
import { feedRoutes } from './feed/feed-routes.ts';
import { introspectionRoute } from './introspection/introspection-route.ts';
import { jsonScalar } from './json-scalar.ts';
import { createCarePolicies } from './key-care/care-policy.ts';
import { createKeyCare, type KeyCare } from './key-care/key-care.ts';
import { createLetInAgain } from './key-care/let-in-again.ts';
import { keyCareResolvers } from './key-care/resolvers.ts';
import { assertPrefixes } from './key-import/assert-prefixes.ts';
import { createImportKeys } from './key-import/import-keys.ts';
import { keyImportResolvers } from './key-import/resolvers.ts';
import { createKeyUsage } from './key-usage/key-usage.ts';
import { createKeyUsageReader } from './key-usage/key-usage-reader.ts';
import { keyUsageResolvers } from './key-usage/resolvers.ts';
import { usesRoute } from './key-usage/uses-route.ts';
import { leakRoutes } from './leaks/leak-routes.ts';
import { createLeakedKeys } from './leaks/leaked-keys.ts';
import { createReportLimit } from './leaks/report-limit.ts';
import { scanningPatterns } from './leaks/scanning-patterns.ts';
import { createLocalIdentity } from './local-identity.ts';
import { followDatabase } from './log/follow-database.ts';
import { createIdentityEvents } from './log/identity-events.ts';
import { createIdentityLog } from './log/identity-log.ts';
import { createKeyOperator, type KeyOperator } from './operator/key-operator.ts';
import { createOrganizationReader } from './organizations/organization-reader.ts';
import { ensurePersonalOrganization } from './organizations/personal-organization.ts';
import { organizationResolvers } from './organizations/resolvers.ts';
import { serviceAccountResolvers } from './service-accounts/resolvers.ts';
import { createServiceAccountReader } from './service-accounts/service-account-reader.ts';
import { createServiceAccounts } from './service-accounts/service-accounts.ts';
import { authRoutes } from './sessions/auth-routes.ts';
import { authOptions, createAuthServer } from './sessions/auth-server.ts';
import { defineIdentity, type IdentitySettings } from './settings.ts';
import { userResolvers } from './users/resolvers.ts';
import { type SeededOwner, seedOwner } from './users/seed-owner.ts';
import { createUserReader } from './users/user-reader.ts';

export interface IdentityOptions {
  /** The one Kysely of this process; it stays open when identity is closed. */
  readonly database: Database;
  readonly dialect: Dialect;
  readonly clock?: Clock | undefined;
  /** `v2:base64,v1:base64`, each of at least 32 bytes; the first one writes. */
  readonly pepper: string;
  readonly claims: SubgraphClaims;
  /** What gateways in other processes show at `/introspect`, `/uses` and the feed; without it there are no such routes. */
  readonly secret?: string | undefined;
  /** Where `/api` is reached from outside. */
  readonly baseUrl: string;
  readonly trustedOrigins?: readonly string[] | undefined;
  readonly production: boolean;
  /** What castellan.config.ts says of identity; every default when left out. */
  readonly settings?: IdentitySettings | undefined;
  readonly logger: FastifyBaseLogger;
}

export interface RunningIdentity {
  /** `/graphql`, `/api/auth/*`, `/api/leaks`, `/introspect`, `/uses`, `/events`, `/lease`, `/health/*`; not listening yet. */
  readonly app: FastifyInstance;
  readonly identity: Identity;
  /** What whoever runs this process may do with keys, beside everybody's rights. */
  readonly operator: KeyOperator;
  readonly care: KeyCare;
  /** Makes the first person, who owns everything; null when there is anybody already, or is about to be. */
  seedOwner(email?: string): Promise<SeededOwner | null>;
  close(): Promise<void>;
}

/**
 * The identity service: people, sessions, organizations and API keys, on a migrated store.
 *
 * @throws CodedError CONFIGURATION_INVALID for a malformed pepper
 */
export async function createIdentity(options: IdentityOptions): Promise<RunningIdentity> {
  const { dialect, clock = systemClock, logger, production, baseUrl, secret } = options;
  const { trustedOrigins = [], settings = defineIdentity() } = options;
  const database = identityDatabase(options.database);
  const peppers = createPepperRing(options.pepper);
  const { prefixes } = settings.keyImport;
  assertPrefixes(prefixes, settings.keys.brand);
  const texts = createKeyTexts(peppers, prefixes);

  const secrets = peppers.derive('castellan session');
  const [signing, ...reading] = secrets.map(({ value }) => value);
  const sessionSecrets = [signing ?? '', ...reading] as const;
  const betterAuthOptions = authOptions({
    database: options.database,
    dialect,
    secrets,
    baseUrl,
    trustedOrigins,
    production,
    settings,
    logger,
    onSessionMade: (userId) => ensurePersonalOrganization(database, userId, clock.now()),
  });
  await migrateIdentity(options.database, dialect, betterAuthOptions);
  const auth = createAuthServer(betterAuthOptions);
  const log = createIdentityLog(database);
  const events = await createIdentityEvents(log, () =>
    logger.error('a listener to identity events failed'),
  );
  const changes = createChanges({ database, dialect, clock, events });

  const keys = createApiKeys({ changes, peppers, settings: settings.keys, production });
  const reader = createApiKeyReader(database);
  const accounts = createServiceAccountReader(database);
  const serviceAccounts = createServiceAccounts(changes, settings.keys);
  const policies = createKeyPolicies({ database, changes, clock, settings: settings.keys });
  const usage = createKeyUsage(database, clock);
  const rehash = createRehashKeys(database, logger);
  const letInAgain = createLetInAgain(changes);
  const importKeys = createImportKeys({ changes, texts, settings: settings.keys, prefixes });
  const findUser = createUserReader(database);
  const findOrganizations = createOrganizationReader(database);

  const app = await createSubgraph({
    name: 'identity',
    typeDefs: readFileSync(new URL('schema.graphql', import.meta.url), 'utf8'),
    resolvers: [
      { DateTime: dateTimeScalar, JSON: jsonScalar },
      userResolvers(findUser, findOrganizations, accounts),
      organizationResolvers(findOrganizations),
      apiKeyResolvers({ database, clock, keys, reader, policies, findUser, accounts }),
      serviceAccountResolvers(serviceAccounts, accounts),
      keyUsageResolvers(createKeyUsageReader(database, clock)),
      keyCareResolvers(createCarePolicies({ database, changes, settings }), letInAgain),
      keyImportResolvers(importKeys),
    ],
    claims: options.claims,
    clock,
    logger,
    isReady: async () => {
      await sql`select 1`.execute(database);
    },
    // After a mutation it is as new as what the mutation changed.
    answerHeaders: () => ({ [SEQUENCE_HEADER]: String(events.sequence) }),
  });
  const watch = followDatabase(options.database, events, logger);
  app.addHook('onClose', () => watch.close());
  const identity = createLocalIdentity({
    app,
    database,
    clock,
    texts,
    rehash,
    usage,
    sessionSecrets,
    events,
  });
  await app.register(authRoutes, {
    auth,
    database,
    clock,
    events,
    secrets: sessionSecrets,
    baseUrl,
    trustedOrigins,
    production,
    secret,
  });
  if (secret !== undefined) {
    await app.register(introspectionRoute, { identity, secret });
    await app.register(feedRoutes, { identity, secret, events, log });
    await app.register(usesRoute, { usage, secret });
  }
  await app.register(leakRoutes, {
    report: createLeakedKeys({ database, dialect, clock, events, texts, settings }),
    limit: createReportLimit(clock, settings.leaks.reportsPerMinute),
    patterns: scanningPatterns(settings.keys.brand, prefixes),
    secret,
  });
  const care = createKeyCare({ database, clock, events, usage, settings, peppers, logger });

  return {
    app,
    identity,
    operator: createKeyOperator({ database, clock, keys, reader, accounts: serviceAccounts }),
    care,
    seedOwner: (email) => seedOwner({ database, clock, auth, keys }, email),
    async close() {
      await app.close();
      await Promise.all([care.close(), rehash.idle()]);
    },
  };
}
