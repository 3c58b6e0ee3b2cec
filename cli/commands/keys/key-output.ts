import { encodeGrant, encodeGrants } from '#contract/permissions/make-grant.ts';
import type { KeyWithText } from '#subgraphs/identity/api-keys/key-with-text.ts';
import type { OperatedKey } from '#subgraphs/identity/operator/key-operator.ts';
import { textTable } from '../../text-table.ts';

/** A new text of a key, which is shown here and nowhere else: one fact a line, or JSON. */
export function textOfNew({ key, record }: KeyWithText, json: boolean): string {
  const { id, name, expiresAt, formerUntil } = record;
  if (json) {
    const times = { expiresAt: timeOf(expiresAt), previousTextWorksUntil: timeOf(formerUntil) };
    return `${JSON.stringify({ id, name, key, ...times })}\n`;
  }
  return lines([
    ['API key', key],
    ['Id', id],
    ['Name', name],
    ['Ends', timeOf(expiresAt) ?? 'never'],
    ...(formerUntil === null
      ? []
      : ([['The text before works until', timeOf(formerUntil) ?? '']] as const)),
  ]);
}

/** All that is known of a key: one fact a line, or JSON. */
export function textOfKey(key: OperatedKey, json: boolean): string {
  if (json) return `${JSON.stringify(jsonOf(key))}\n`;
  return lines([
    ['Id', key.id],
    ['Name', key.name],
    ['Key', `${key.prefix}…`],
    ['Status', key.status.toLowerCase()],
    ['Type', typeNames[key.type]],
    ['Scopes', key.scopes.join(' ') || 'none'],
    ...optional('Grants', key.grants.length === 0 ? null : encodeGrants(key.grants)),
    ['Owner', key.owner],
    ['Organization', key.organizationId ?? 'none'],
    ['Made', timeOf(key.createdAt) ?? ''],
    ['Ends', timeOf(key.expiresAt) ?? 'never'],
    ...optional('Revoked', timeOf(key.revokedAt)),
    ...optional('Out of use', outOfUse(key)),
    ...optional('Rotated', timeOf(key.rotatedAt)),
    ...optional('Made with', key.madeById),
    ...optional('Projects', key.projectIds?.join(' ') ?? null),
    ...optional('Environments', key.environmentIds?.join(' ') ?? null),
    ...optional('Networks', key.ipRanges?.join(' ') ?? null),
  ]);
}

/** A table with a line for each key, or JSON. */
export function textOfKeys(keys: readonly OperatedKey[], hasMore: boolean, json: boolean): string {
  if (json) return `${JSON.stringify({ keys: keys.map(jsonOf), hasMore })}\n`;
  if (keys.length === 0) return 'No API keys\n';
  const rows = keys.map((key) => [
    key.id,
    key.status.toLowerCase(),
    typeNames[key.type],
    timeOf(key.expiresAt)?.slice(0, 10) ?? 'never',
    key.owner,
    key.name,
  ]);
  const table = textTable([['ID', 'STATUS', 'TYPE', 'ENDS', 'OWNER', 'NAME'], ...rows]);
  return `${table}${hasMore ? 'There are more; --limit shows them\n' : ''}`;
}

const typeNames = {
  FULL_ACCESS: 'full access',
  READ_ONLY: 'read only',
  SCOPED: 'scoped',
} as const;

function outOfUse({ disabledAt, disabledReason }: OperatedKey): string | null {
  return disabledReason === null ? null : `${timeOf(disabledAt)}  ${reasonNames[disabledReason]}`;
}

const reasonNames = {
  UNUSED: 'nobody used it',
  LEAKED: 'somebody found it',
  MAKER_LEAKED: 'somebody found the key that it was made with',
} as const;

function jsonOf(record: OperatedKey) {
  const { createdAt, expiresAt, revokedAt, rotatedAt, formerUntil, disabledAt, ...key } = record;
  return {
    ...key,
    grants: key.grants.map(encodeGrant),
    createdAt: timeOf(createdAt),
    expiresAt: timeOf(expiresAt),
    revokedAt: timeOf(revokedAt),
    rotatedAt: timeOf(rotatedAt),
    disabledAt: timeOf(disabledAt),
    previousTextWorksUntil: timeOf(formerUntil),
  };
}

function lines(facts: readonly (readonly [string, string])[]): string {
  return facts.map(([label, value]) => `${label}  ${value}\n`).join('');
}

function optional(label: string, value: string | null): readonly (readonly [string, string])[] {
  return value === null ? [] : [[label, value]];
}

function timeOf(at: number | null): string | null {
  return at === null ? null : new Date(at).toISOString();
}
