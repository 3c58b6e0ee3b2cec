import type { ColumnType, GeneratedAlways } from 'kysely';
import type { KeyType } from '#contract/permissions/key-type.ts';

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

/** Filled by a trigger: a small number for each key, counted for the whole deployment. */
export interface ApiKeyNumberTable {
  number: GeneratedAlways<number>;
  key_id: string;
}

/** `key`: of the key itself. `sha256`: of its SHA-256, which is all that was known of an imported key. */
export type HashKind = 'key' | 'sha256';

/** Nobody used it; somebody found it; somebody found the key that it was made with. */
export type DisabledReason = 'unused' | 'leaked' | 'maker_leaked';

/** What happens to a key that is found where it should not be. */
export type LeakResponse = 'notify' | 'quarantine' | 'revoke';

/** The last use of a key, to a minute or so. `used_at` is milliseconds since the epoch. */
export interface ApiKeyUseTable {
  key_id: string;
  used_at: number;
  /** `192.0.2.0/24`, `2001:db8:1::/48`: never the whole address. */
  network: string | null;
  /** `curl`: never the whole header. */
  user_agent: string | null;
}

/** How often a key was used on a day: days since the epoch, in UTC. */
export interface ApiKeyUsageDayTable {
  key_id: string;
  day: number;
  count: number;
}

/** How an organization has its keys looked after; null where it leaves that to the deployment. */
export interface KeyCareTable {
  organization_id: string;
  disable_unused_days: number | null;
  on_leak: LeakResponse | null;
  updated_at: number;
}

/** What the owner of a key is still to be told by mail. Times are milliseconds since the epoch. */
export interface KeyNoticeTable {
  key_id: string;
  /** It ends soon, or was disabled because nobody used it. */
  about: 'expiry' | 'disuse';
  /** When it ends, or was disabled. */
  at: number;
  /** The threshold that it is about; 0 for disuse. */
  within_days: number;
  /** How often that was tried, and when the last time. */
  tries: WithDefault<number>;
  tried_at: WithDefault<number | null>;
}

export type OwnerKind = 'user' | 'service_account';

/** A column that may be left out of an insert. */
type WithDefault<T> = ColumnType<T, T | undefined, T>;

/** Somebody who is no person: an agent, a pipeline. Times are milliseconds since the epoch. */
export interface ServiceAccountTable {
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
export interface KeyPolicyTable {
  organization_id: string;
  default_expires_in: string | null;
  max_expires_in: string | null;
  /** 1 or 0. */
  allow_never: number | null;
  max_personal_keys: number | null;
  max_service_account_keys: number | null;
  updated_at: number;
}
