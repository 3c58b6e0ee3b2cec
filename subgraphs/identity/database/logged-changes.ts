import type { LoggedChange } from '../log/log-changes.ts';

const key = {
  table: 'api_key',
  touches: 'credential',
  id: 'new.id',
  subject: 'new.owner_id',
  organization: 'new.organization_id',
} as const satisfies Partial<LoggedChange>;

const member = (row: 'new' | 'old') =>
  ({
    table: 'member',
    touches: 'subject',
    id: `${row}."userId"`,
    subject: `${row}."userId"`,
    organization: `${row}."organizationId"`,
    detail: { role: `${row}.role` },
  }) as const satisfies Partial<LoggedChange>;

/** What step 0004 has logged from then on. It has shipped and is never changed: later steps add to it. */
export const firstLoggedChanges: readonly LoggedChange[] = [
  {
    ...key,
    on: 'insert',
    action: 'key.created',
    detail: {
      name: 'new.name',
      prefix: 'new.prefix',
      scopes: 'new.scopes',
      expiresAt: 'new.expires_at',
      madeBy: 'new.made_by',
    },
  },
  {
    ...key,
    on: 'update',
    of: ['revoked_at'],
    when: 'old.revoked_at is null and new.revoked_at is not null',
    action: 'key.revoked',
  },
  {
    table: 'session',
    on: 'insert',
    action: 'session.started',
    touches: 'credential',
    id: 'new.id',
    subject: 'new."userId"',
  },
  {
    table: 'session',
    on: 'delete',
    action: 'session.ended',
    touches: 'credential',
    id: 'old.id',
    subject: 'old."userId"',
  },
  {
    table: 'user',
    on: 'insert',
    action: 'user.created',
    touches: 'subject',
    id: 'new.id',
    subject: 'new.id',
  },
  {
    table: 'user',
    on: 'delete',
    action: 'user.removed',
    touches: 'subject',
    id: 'old.id',
    subject: 'old.id',
  },
  { ...member('new'), on: 'insert', action: 'member.added' },
  { ...member('old'), on: 'delete', action: 'member.removed' },
  {
    ...member('new'),
    on: 'update',
    of: ['role'],
    when: 'old.role <> new.role',
    action: 'member.role_changed',
    detail: { role: 'new.role', before: 'old.role' },
  },
  {
    table: 'organization',
    on: 'insert',
    action: 'organization.created',
    touches: 'organization',
    id: 'new.id',
    organization: 'new.id',
    detail: { name: 'new.name' },
  },
  {
    table: 'organization',
    on: 'delete',
    action: 'organization.removed',
    touches: 'organization',
    id: 'old.id',
    organization: 'old.id',
    detail: { name: 'old.name' },
  },
];
