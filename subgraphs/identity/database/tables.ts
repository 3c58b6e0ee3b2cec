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
  account: AccountTable;
  verification: VerificationTable;
  invitation: InvitationTable;
  throttle: ThrottleTable;
  deployment_owner: DeploymentOwnerTable;
  identity_log: IdentityLogTable;
}

export type IdentityDatabase = Kysely<IdentityTables>;
export type IdentityTransaction = Transaction<IdentityTables>;

/** A better-auth column for a time: RFC 3339 text on SQLite, a Date on PostgreSQL; both take text. */
export type StoredTime = string | Date;

interface UserTable {
  id: string;
  name: string;
  email: string;
  emailVerified: number | boolean;
  createdAt: StoredTime;
  /** Since when the person can do nothing; null while they are not suspended. */
  suspendedAt: StoredTime | null;
}

interface SessionTable {
  id: string;
  token: string;
  userId: string;
  createdAt: StoredTime;
  expiresAt: StoredTime;
  ipAddress: string | null;
  userAgent: string | null;
  /** When it was last used, to the minute, in milliseconds since the epoch; null: not since it began. */
  seen_at: number | null;
}

/** A way in which a person signs in; `providerId` is `credential` for a password. */
interface AccountTable {
  id: string;
  userId: string;
  providerId: string;
  accountId: string;
  password: string | null;
}

/** What was mailed or handed out to be shown again; `identifier` is a hash of it. */
interface VerificationTable {
  id: string;
  identifier: string;
  /** Mostly whom it is for. */
  value: string;
}

interface InvitationTable {
  id: string;
  email: string;
  status: string;
  expiresAt: StoredTime;
}

/** How often something was tried; times are milliseconds since the epoch. */
interface ThrottleTable {
  /** HMAC of what is counted: nobody can read an address here. */
  key: string;
  count: number;
  blocked_until: number;
  forget_at: number;
}

/** Who governs the deployment itself; `made_at` is milliseconds since the epoch. */
interface DeploymentOwnerTable {
  user_id: string;
  made_at: number;
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
