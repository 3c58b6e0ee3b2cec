/** What a team imports to put a subgraph behind the gateway. */

export { allowsRecord } from '#contract/permissions/decide.ts';
export { createBatch } from './batch.ts';
export {
  type Asked,
  type KnownCaller,
  type RequestOrigin,
  readRight,
  refusal,
  requireCaller,
  requireRight,
  type SubgraphContext,
} from './caller-context.ts';
export { type ChangeContext, currentChangeContext, inChangeContext } from './change-context.ts';
export { changeContextSql, makeChangeContext } from './change-context-sql.ts';
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
export { type Database, openDatabase } from './database.ts';
export type { DatabaseWatch } from './database-watch.ts';
export { dateTimeScalar, parseDateTime } from './date-time.ts';
export { type Dialect, dialectOf } from './dialect.ts';
export { type Migrations, type MigrationTransaction, migrate } from './migrate.ts';
export { readPageSize } from './page-size.ts';
export { type RecordColumn, type RecordColumns, recordFacts } from './record-columns.ts';
export { type Resolvers, resolveReference } from './resolvers.ts';
export { rowCondition } from './row-condition.ts';
export { type RowTarget, requireRecord, requireRows, requireSome, rowsFor } from './rows-for.ts';
export { isUniqueViolation } from './unique-violation.ts';
export { watchDatabase } from './watch-database.ts';
