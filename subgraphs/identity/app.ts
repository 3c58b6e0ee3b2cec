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
import { createAuditReader } from './audit/audit-reader.ts';
import { createCheckpointKeys } from './audit/checkpoint-keys.ts';
import { createLogSealer } from './audit/log-sealer.ts';
import { auditResolvers } from './audit/resolvers.ts';
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
import { createKeyNumberReader } from './key-numbers/key-number-reader.ts';
import { keyNumberResolvers } from './key-numbers/resolvers.ts';
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
import type { Mailer } from './mail/mailer.ts';
import { type AuditOperator, createAuditOperator } from './operator/audit-operator.ts';
import { createKeyOperator, type KeyOperator } from './operator/key-operator.ts';
import { organizationGraph } from './organizations/organization-graph.ts';
import { createOrganizationReader } from './organizations/organization-reader.ts';
import { createOrganizationView } from './organizations/visible-organizations.ts';
import { serviceAccountResolvers } from './service-accounts/resolvers.ts';
import { createServiceAccountReader } from './service-accounts/service-account-reader.ts';
import { createServiceAccounts } from './service-accounts/service-accounts.ts';
import { authRoutes } from './sessions/auth-routes.ts';
import { createEndSessions } from './sessions/end-sessions.ts';
import { createKeyHolders } from './sessions/key-holders.ts';
import type { PasswordHashing } from './sessions/password-hashing.ts';
import { prepareSignIn } from './sessions/prepare-sign-in.ts';
import { sessionResolvers } from './sessions/resolvers.ts';
import { createSessionReader } from './sessions/session-reader.ts';
import { defineIdentity, type IdentitySettings } from './settings.ts';
import { accountResolvers } from './users/account-resolvers.ts';
import { createAccounts } from './users/accounts.ts';
import { userResolvers } from './users/resolvers.ts';
import { makeOwner, type SeededOwner, seedOwner } from './users/seed-owner.ts';
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
  /** Where the mail server and the secrets that settings name are; nowhere when left out. */
  readonly environment?: Readonly<Record<string, string | undefined>> | undefined;
  /** What castellan.config.ts says of identity; every default when left out. */
  readonly settings?: IdentitySettings | undefined;
  /** Instead of the mailer that `environment` names. */
  readonly mailer?: Mailer | undefined;
  /** Instead of scrypt as better-auth does it. */
  readonly passwords?: PasswordHashing | undefined;
  readonly logger: FastifyBaseLogger;
}

export interface RunningIdentity {
  /** `/graphql`, `/api/auth/*`, `/api/leaks`, `/introspect`, `/uses`, `/events`, `/lease`, `/health/*`; not listening yet. */
  readonly app: FastifyInstance;
  readonly identity: Identity;
  /** What whoever runs this process may do with keys, beside everybody's rights. */
  readonly operator: KeyOperator;
  readonly audit: AuditOperator;
  readonly care: KeyCare;
  /** Makes the first person, who owns everything; null when there is anybody already, or is about to be. */
  seedOwner(): Promise<SeededOwner | null>;
  /**
   * Makes the owner of the deployment; null when there is one already, or is about to be. An account that has this
   * address becomes theirs, and opens to nobody else any more.
   */
  makeOwner(email: string): Promise<SeededOwner | null>;
  /** Settles when the mails and notes that are under way are done. */
  idle(): Promise<void>;
  close(): Promise<void>;
}

/**
 * The identity service: people, sessions, organizations and API keys, on a migrated store.
 *
 * @throws CodedError CONFIGURATION_INVALID for a malformed pepper, or settings that cannot hold together
 */
export async function createIdentity(options: IdentityOptions): Promise<RunningIdentity> {
  const { dialect, clock = systemClock, logger, production, baseUrl, secret } = options;
  const { trustedOrigins = [], environment = {}, settings = defineIdentity() } = options;
  const database = identityDatabase(options.database);
  const peppers = createPepperRing(options.pepper);
  const { prefixes } = settings.keyImport;
  assertPrefixes(prefixes, settings.keys.brand);
  const texts = createKeyTexts(peppers, prefixes);

  const rehash = createRehashKeys(database, logger);
  const prepared = prepareSignIn({
    database: options.database,
    dialect,
    clock,
    peppers,
    baseUrl,
    trustedOrigins,
    production,
    settings,
    environment,
    secret,
    mailer: options.mailer,
    passwords: options.passwords,
    keyHolders: createKeyHolders({
      database,
      dialect,
      clock,
      texts,
      rehash,
      openedByKeys: settings.sessions.openedByKeys,
    }),
    logger,
  });
  await migrateIdentity(options.database, dialect, prepared.betterAuthOptions);
  const log = createIdentityLog(database);
  const events = await createIdentityEvents(log, () =>
    logger.error('a listener to identity events failed'),
  );
  const changes = createChanges({ database, dialect, clock, events });
  const signIn = prepared.start(events);
  const { auth, life, activity } = signIn;

  const checkpointKeys = createCheckpointKeys(peppers);
  const auditReader = createAuditReader(database);
  const sealer = createLogSealer({
    database,
    dialect,
    clock,
    keys: checkpointKeys,
    everySeconds: settings.audit.sealSeconds,
    logger,
  });

  const keys = createApiKeys({ changes, peppers, settings: settings.keys, production });
  const reader = createApiKeyReader(database);
  const accounts = createServiceAccountReader(database);
  const serviceAccounts = createServiceAccounts(changes, settings.keys);
  const policies = createKeyPolicies({ database, changes, clock, settings: settings.keys });
  const usage = createKeyUsage(database, clock);
  const letInAgain = createLetInAgain(changes);
  const importKeys = createImportKeys({ changes, texts, settings: settings.keys, prefixes });
  const findUser = createUserReader(database);
  const findOrganizations = createOrganizationReader(database);
  const seeOrganizations = createOrganizationView(database, findOrganizations);

  const app = await createSubgraph({
    name: 'identity',
    typeDefs: readFileSync(new URL('schema.graphql', import.meta.url), 'utf8'),
    resolvers: [
      { DateTime: dateTimeScalar, JSON: jsonScalar },
      userResolvers({ findUser, findOrganizations, seeOrganizations, accounts }),
      ...organizationGraph({
        database,
        changes,
        clock,
        settings,
        mailer: prepared.mailer,
        findUser,
        seeOrganizations,
      }),
      apiKeyResolvers({ database, clock, keys, reader, policies, findUser, accounts }),
      serviceAccountResolvers(serviceAccounts, accounts),
      sessionResolvers(
        database,
        createSessionReader(database, life),
        createEndSessions(changes),
        clock,
      ),
      accountResolvers(createAccounts(changes), findUser, signIn.assertItIsThem),
      auditResolvers(database, auditReader),
      keyNumberResolvers(createKeyNumberReader(database)),
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
  const sessions = { database, secrets: signIn.secrets, life, activity };
  const identity = createLocalIdentity({
    app,
    database,
    clock,
    texts,
    rehash,
    usage,
    sessions,
    events,
  });
  await app.register(authRoutes, signIn.routes);
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
  const care = createKeyCare({
    database,
    clock,
    events,
    usage,
    settings,
    peppers,
    mailer: prepared.mailer,
    brand: settings.mail.brand,
    logger,
  });

  return {
    app,
    identity,
    operator: createKeyOperator({
      database,
      clock,
      keys,
      reader,
      accounts: serviceAccounts,
      accountReader: accounts,
      importKeys,
      letInAgain,
      policies,
    }),
    audit: createAuditOperator({ database, keys: checkpointKeys, reader: auditReader }),
    care,
    async idle() {
      await Promise.all([activity.idle(), prepared.mailer.idle()]);
    },
    seedOwner: () => seedOwner({ database, clock, auth, keys, changes }),
    makeOwner: (email) => makeOwner({ database, clock, auth, keys, changes }, email),
    async close() {
      await app.close();
      await Promise.all([care.close(), rehash.idle(), signIn.close()]);
      await sealer.close();
    },
  };
}
