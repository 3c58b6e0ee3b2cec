/** What a team imports to put a subgraph behind the gateway. */

export { allowsRecord } from '#contract/permissions/decide.ts';
export { createBatch } from './batch.ts';
export {
  type Asked,
  type KnownCaller,
  readRight,
  requireCaller,
  requireRight,
  type SubgraphContext,
} from './caller-context.ts';
export {
  type ClaimsKeys,
  type ClaimsVerifier,
  createClaimsVerifier,
} from './claims-verifier.ts';
export {
  createSubgraph,
  type SubgraphClaims,
  type SubgraphOptions,
} from './create-subgraph.ts';
export { type Database, type Dialect, dialectOf, openDatabase } from './database.ts';
export { dateTimeScalar, parseDateTime } from './date-time.ts';
export { type Migrations, migrate } from './migrate.ts';
export { readPageSize } from './page-size.ts';
export { type Resolvers, resolveReference } from './resolvers.ts';
