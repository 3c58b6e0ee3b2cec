import type { Generated, Kysely, Transaction } from 'kysely';
import type { IdentityEvent } from '#contract/identity.ts';
import type { Database } from '#subgraphs/kit/index.ts';

/** The tables that identity reads and writes itself. `user` to `member` are made by better-auth. */
export interface IdentityTables {
  user: UserTable;
  session: SessionTable;
  organization: OrganizationTable;
  member: MemberTable;
  project: ProjectTable;
  environment: EnvironmentTable;
  api_key: ApiKeyTable;
  first_run: FirstRunTable;
  identity_log: IdentityLogTable;
  audit_chain: AuditChainTable;
  audit_checkpoint: AuditCheckpointTable;
}

export type IdentityDatabase = Kysely<IdentityTables>;
export type IdentityTransaction = Transaction<IdentityTables>;

/** A better-auth column for a time: RFC 3339 text on SQLite, a Date on PostgreSQL; both take text. */
export type StoredTime = string | Date;

interface UserTable {
  id: string;
  name: string;
  email: string;
  createdAt: StoredTime;
}

interface SessionTable {
  id: string;
  token: string;
  userId: string;
  expiresAt: StoredTime;
}

interface OrganizationTable {
  id: string;
  name: string;
  slug: string;
  createdAt: StoredTime;
}

interface MemberTable {
  id: string;
  organizationId: string;
  userId: string;
  role: string;
  createdAt: StoredTime;
}

interface ProjectTable {
  id: string;
  organization_id: string;
  name: string;
  created_at: number;
}

interface EnvironmentTable {
  id: string;
  project_id: string;
  name: string;
  created_at: number;
}

/** Times are milliseconds since the epoch. */
export interface ApiKeyTable {
  id: string;
  name: string;
  /** What may be shown of the key. */
  prefix: string;
  /** HMAC-SHA-256 of the key under the pepper of this version, in hex. */
  hash: string;
  pepper_version: string;
  /** Scopes, separated by spaces. */
  scopes: string;
  owner_id: string;
  organization_id: string | null;
  /** The key that this one was made with, if any. */
  made_by: string | null;
  created_at: number;
  expires_at: number | null;
  revoked_at: number | null;
}

/** What happened, in the order of the commits; written by triggers alone. `at` is milliseconds since the epoch. */
export interface IdentityLogTable {
  sequence: Generated<number>;
  at: number;
  /** Such as `key.revoked`. */
  action: string;
  touches: IdentityEvent['touches'] | null;
  touched_id: string;
  subject_id: string | null;
  organization_id: string | null;
  /** `unknown` when the change was made past identity. */
  actor_kind: string;
  actor_id: string | null;
  credential_id: string | null;
  address: string | null;
  request_id: string | null;
  /** A JSON object. */
  detail: string;
}

/** The hash of each row of `identity_log` that is sealed, over the one before it. */
interface AuditChainTable {
  sequence: number;
  hash: string;
}

/** Signed by a key that follows from a pepper of this version; `at` is milliseconds since the epoch. */
interface AuditCheckpointTable {
  sequence: number;
  hash: string;
  at: number;
  key_id: string;
  signature: string;
}

/** At most one row: the process that is making the first person, `started_at` milliseconds since the epoch. */
interface FirstRunTable {
  id: 1;
  pid: number;
  host: string;
  started_at: number;
}

/** The same store, with identity's tables named. */
export function identityDatabase(database: Database): IdentityDatabase {
  return database.$extendTables<{ [Name in keyof IdentityTables]: IdentityTables[Name] }>();
}

/** Milliseconds since the epoch of a better-auth time. */
export function timeOf(stored: StoredTime): number {
  return new Date(stored).getTime();
}
