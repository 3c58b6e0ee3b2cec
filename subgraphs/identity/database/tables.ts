import type { ColumnType, Generated, Kysely, Transaction } from 'kysely';
import type { IdentityEvent } from '#contract/identity.ts';
import type { KeyType } from '#contract/permissions/key-type.ts';
import type { Database } from '#subgraphs/kit/index.ts';

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
  api_key_use: ApiKeyUseTable;
  api_key_usage_day: ApiKeyUsageDayTable;
  organization_key_care: KeyCareTable;
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
  /** A person, or a service account. */
  owner_id: string;
  owner_kind: WithDefault<OwnerKind>;
  organization_id: string | null;
  /** The key that this one was made with, if any. */
  made_by: string | null;
  created_at: number;
  expires_at: number | null;
  revoked_at: number | null;
  /** What its rights make it, to look keys up by. */
  type: WithDefault<KeyType>;
  /** Grants beside the scopes, as JSON; null when there are none. */
  grants: WithDefault<string | null>;
  /** JSON lists; null where the key is not bound. */
  project_ids: WithDefault<string | null>;
  environment_ids: WithDefault<string | null>;
  ip_ranges: WithDefault<string | null>;
  /** How often its text was replaced, and when the last time. */
  rotations: WithDefault<number>;
  rotated_at: WithDefault<number | null>;
  /** The text before that, as `hash` is of the text now; it works until `former_until`. */
  former_hash: WithDefault<string | null>;
  former_pepper_version: WithDefault<string | null>;
  former_until: WithDefault<number | null>;
  /** What `hash` and `former_hash` are of. */
  hash_kind: WithDefault<HashKind>;
  former_hash_kind: WithDefault<HashKind>;
  /** Since when it is out of use, and why; it can be let in again. */
  disabled_at: WithDefault<number | null>;
  disabled_reason: WithDefault<DisabledReason | null>;
  /** Disuse counts from here at the earliest; from when it was made where this is null. */
  watched_since: WithDefault<number | null>;
  /** The end of which was warned, and how many days before it at most. */
  warned_of: WithDefault<number | null>;
  warned_days: WithDefault<number | null>;
  /** When it was last reported as found somewhere, where, and what was done. */
  leaked_at: WithDefault<number | null>;
  leak_url: WithDefault<string | null>;
  leak_source: WithDefault<string | null>;
  leak_response: WithDefault<LeakResponse | null>;
}

/** `key`: of the key itself. `sha256`: of its SHA-256, which is all that was known of an imported key. */
export type HashKind = 'key' | 'sha256';

/** Nobody used it; somebody found it; somebody found the key that it was made with. */
export type DisabledReason = 'unused' | 'leaked' | 'maker_leaked';

/** What happens to a key that is found where it should not be. */
export type LeakResponse = 'notify' | 'quarantine' | 'revoke';

/** The last use of a key, to a minute or so. `used_at` is milliseconds since the epoch. */
interface ApiKeyUseTable {
  key_id: string;
  used_at: number;
  /** `192.0.2.0/24`, `2001:db8:1::/48`: never the whole address. */
  network: string | null;
  /** `curl`: never the whole header. */
  user_agent: string | null;
}

/** How often a key was used on a day: days since the epoch, in UTC. */
interface ApiKeyUsageDayTable {
  key_id: string;
  day: number;
  count: number;
}

/** How an organization has its keys looked after; null where it leaves that to the deployment. */
interface KeyCareTable {
  organization_id: string;
  disable_unused_days: number | null;
  on_leak: LeakResponse | null;
  updated_at: number;
}

export type OwnerKind = 'user' | 'service_account';

/** A column that may be left out of an insert. */
type WithDefault<T> = ColumnType<T, T | undefined, T>;

/** Somebody who is no person: an agent, a pipeline. Times are milliseconds since the epoch. */
interface ServiceAccountTable {
  id: string;
  organization_id: string;
  name: string;
  /** The name as it is compared with others. */
  name_key: string;
  description: string;
  role: string;
  created_by: string;
  created_at: number;
  suspended_at: number | null;
}

/** What an organization asks of its keys; null where it leaves that to the deployment. */
interface KeyPolicyTable {
  organization_id: string;
  default_expires_in: string | null;
  max_expires_in: string | null;
  /** 1 or 0. */
  allow_never: number | null;
  max_personal_keys: number | null;
  max_service_account_keys: number | null;
  updated_at: number;
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
