import type { ServiceAccountRecord } from '#subgraphs/identity/service-accounts/service-account-record.ts';
import { textTable } from '../../text-table.ts';

/** A service account: one fact a line, or JSON. */
export function textOfAccount(account: ServiceAccountRecord, json: boolean): string {
  if (json) return `${JSON.stringify(jsonOf(account))}\n`;
  const facts = [
    ['Id', account.id],
    ['Name', account.name],
    ['Role', roleOf(account)],
    ['Organization', account.organizationId],
    ['Suspended', timeOf(account.suspendedAt) ?? 'no'],
  ];
  return facts.map(([label, value]) => `${label}  ${value}\n`).join('');
}

/** A table with a line for each, or JSON. */
export function textOfAccounts(
  accounts: readonly ServiceAccountRecord[],
  hasMore: boolean,
  json: boolean,
): string {
  if (json) return `${JSON.stringify({ serviceAccounts: accounts.map(jsonOf), hasMore })}\n`;
  if (accounts.length === 0) return 'No service accounts\n';
  const rows = accounts.map((account) => [
    account.id,
    account.suspendedAt === null ? 'active' : 'suspended',
    roleOf(account),
    account.organizationId,
    account.name,
  ]);
  const table = textTable([['ID', 'STATUS', 'ROLE', 'ORGANIZATION', 'NAME'], ...rows]);
  return `${table}${hasMore ? 'There are more; --limit shows them\n' : ''}`;
}

function jsonOf({ createdAt, suspendedAt, ...account }: ServiceAccountRecord) {
  return { ...account, createdAt: timeOf(createdAt), suspendedAt: timeOf(suspendedAt) };
}

function roleOf({ role }: ServiceAccountRecord): string {
  return role.toLowerCase().replace('_', ' ');
}

function timeOf(at: number | null): string | null {
  return at === null ? null : new Date(at).toISOString();
}
