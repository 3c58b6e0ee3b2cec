import { CodedError } from '#contract/errors.ts';
import type { LogRow } from '../log/identity-log.ts';

/** An entry of the audit log as the graph, and an export, show it. `at` is milliseconds since the epoch. */
export interface AuditEntry {
  readonly id: string;
  readonly at: number;
  readonly action: string;
  readonly objectId: string;
  readonly subjectId: string | null;
  readonly organizationId: string | null;
  readonly actor: {
    readonly kind: string;
    readonly id: string | null;
    readonly credentialId: string | null;
  };
  readonly address: string | null;
  readonly requestId: string | null;
  readonly details: readonly { readonly name: string; readonly value: string | null }[];
}

export function auditEntryOf(row: LogRow): AuditEntry {
  const detail = JSON.parse(row.detail) as Record<string, unknown>;
  return {
    id: String(row.sequence),
    at: row.at,
    action: row.action,
    objectId: row.touched_id,
    subjectId: row.subject_id,
    organizationId: row.organization_id,
    actor: { kind: row.actor_kind, id: row.actor_id, credentialId: row.credential_id },
    address: row.address,
    requestId: row.request_id,
    details: Object.entries(detail).map(([name, value]) => ({
      name,
      value: value === null ? null : String(value),
    })),
  };
}

/** The place of an entry in the list. It stays valid as the log grows. */
export function auditCursorOf({ id }: AuditEntry): string {
  return Buffer.from(id).toString('base64url');
}

/** @throws CodedError BAD_USER_INPUT for a text that is no cursor */
export function readAuditCursor(text: string): number {
  const match = /^\d{1,15}$/.exec(Buffer.from(text, 'base64url').toString('latin1'));
  if (match === null) {
    throw new CodedError('BAD_USER_INPUT', '"after" is not a cursor of this list', {
      extensions: { argument: 'after' },
    });
  }
  return Number(match[0]);
}
