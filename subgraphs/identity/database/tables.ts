import type { Generated, Kysely, Transaction } from 'kysely';
import type { IdentityEvent } from '#contract/identity.ts';
import type { Database } from '#subgraphs/kit/index.ts';
import type {
  ApiKeyNumberTable,
  ApiKeyTable,
  ApiKeyUsageDayTable,
  ApiKeyUseTable,
  KeyCareTable,
  KeyNoticeTable,
  KeyPolicyTable,
  ServiceAccountTable,
} from './key-tables.ts';

/** The tables that identity reads and writes itself. `user` to `member` are made by better-auth. */
export interface IdentityTables {
  user: UserTable;
  session: SessionTable;
  organization: OrganizationTable;
  member: MemberTable;
  invitation: InvitationTable;
  invitation_mail: InvitationMailTable;
  project: ProjectTable;
  environment: EnvironmentTable;
  api_key: ApiKeyTable;
  api_key_number: ApiKeyNumberTable;
  api_key_use: ApiKeyUseTable;
  api_key_usage_day: ApiKeyUsageDayTable;
  organization_key_care: KeyCareTable;
  key_notice: KeyNoticeTable;
  service_account: ServiceAccountTable;
  organization_key_policy: KeyPolicyTable;
  organization_scope: OrganizationScopeTable;
  organization_role_grants: RoleGrantsTable;
  environment_policy: EnvironmentPolicyTable;
  first_run: FirstRunTable;
  account: AccountTable;
  verification: VerificationTable;
  throttle: ThrottleTable;
  deployment_owner: DeploymentOwnerTable;
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
  /** The organization that it was switched to; it counts while the person belongs there. */
  activeOrganizationId: string | null;
  ipAddress: string | null;
  userAgent: string | null;
  /** When it was last used, to the minute, in milliseconds since the epoch; null: not since it began. */
  seen_at: number | null;
  /** The API key that opened it, and whether it ends with that. */
  opened_by_key: string | null;
  ends_with_key: number;
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
  expiresAt: string | Date;
  createdAt: string | Date;
  updatedAt: string | Date;
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
  /** Milliseconds since the epoch; null while the member may do what the role says. */
  suspended_at: Generated<number | null>;
}

export interface InvitationTable {
  id: string;
  organizationId: string;
  /** In lower case. */
  email: string;
  role: string;
  status: 'pending' | 'accepted' | 'declined' | 'revoked';
  expiresAt: StoredTime;
  createdAt: StoredTime;
  /** Who answers for it: the person who sent it last. */
  inviterId: string;
  /** SHA-256 of the token in the mail, in hex. */
  token_hash: string;
  /** Milliseconds since the epoch of the last mail. */
  sent_at: number;
}

/** The invitations that were mailed within the last day; `at` is milliseconds since the epoch. */
interface InvitationMailTable {
  id: string;
  organization_id: string;
  sender_id: string;
  email: string;
  at: number;
}

export interface ProjectTable {
  id: string;
  organization_id: string;
  name: string;
  /** What is unique within the organization: the name without what one does not see. */
  name_key: string;
  created_at: number;
}

export interface EnvironmentTable {
  id: string;
  project_id: string;
  name: string;
  /** 1 when new keys for it carry the class `live`. */
  is_production: Generated<0 | 1>;
  created_at: number;
}

/** A scope of an organization's own. `grants` is JSON; times are milliseconds since the epoch. */
interface OrganizationScopeTable {
  organization_id: string;
  name: string;
  grants: string;
  updated_at: number;
}

/** What an organization lets a role do, where that is less than the role's most. */
interface RoleGrantsTable {
  organization_id: string;
  role: string;
  grants: string;
  updated_at: number;
}

/** What anybody may do in an environment without a credential, and which stage is meant where none is said. */
interface EnvironmentPolicyTable {
  environment_id: string;
  public_grants: string;
  default_stage: string;
  updated_at: number;
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
