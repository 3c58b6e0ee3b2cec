import type { ServiceAccountRecord } from '#subgraphs/identity/service-accounts/service-account-record.ts';

/** A service account: one fact a line, or JSON. */
export function textOfAccount(account: ServiceAccountRecord, json: boolean): string {
  const { createdAt, suspendedAt, ...rest } = account;
  const suspended = suspendedAt === null ? null : new Date(suspendedAt).toISOString();
  if (json) {
    const made = new Date(createdAt).toISOString();
    return `${JSON.stringify({ ...rest, createdAt: made, suspendedAt: suspended })}\n`;
  }
  const facts = [
    ['Id', account.id],
    ['Name', account.name],
    ['Role', account.role.toLowerCase().replace('_', ' ')],
    ['Organization', account.organizationId],
    ['Suspended', suspended ?? 'no'],
  ];
  return facts.map(([label, value]) => `${label}  ${value}\n`).join('');
}
