import { randomBytes } from 'node:crypto';
import type { Caller } from '#contract/caller.ts';
import type { Answer } from '../../support/ask-subgraph.ts';
import type { TestIdentity } from '../../support/running-identity.ts';

export const CREATE = `mutation ($input: CreateAPIKeyInput!) {
  createAPIKey(input: $input) { id key apiKey { id name scopes type expiresAt projectIds environments ipRanges
    owner { id } serviceAccount { id name } } } }`;
export const UPDATE = `mutation ($id: ID!, $input: UpdateAPIKeyInput!) {
  updateAPIKey(id: $id, input: $input) { id name type scopes expiresAt projectIds environments ipRanges } }`;
export const ROTATE = `mutation ($id: ID!, $overlap: String) {
  rotateAPIKey(id: $id, overlap: $overlap) { id key name expiresAt apiKey { prefix rotatedAt previousTextWorksUntil } } }`;
export const REVOKE = 'mutation ($id: ID!) { revokeAPIKey(id: $id) { id } }';
export const CREATE_ACCOUNT = `mutation ($input: CreateServiceAccountInput!) {
  createServiceAccount(input: $input) { id name role description suspendedAt } }`;

/** Makes somebody a member of another person's organization; answers who they are there. */
export async function join(
  { tables }: TestIdentity,
  person: Caller,
  organization: string | null,
  role: string,
): Promise<Caller> {
  await tables
    .insertInto('member')
    .values({
      id: `member_${randomBytes(8).toString('hex')}`,
      organizationId: organization ?? '',
      userId: person.subject ?? '',
      role,
      createdAt: new Date(0).toISOString(),
    })
    .execute();
  return { ...person, organization };
}

/** What an answer holds under the name of its only field. */
export function only<T = Record<string, unknown>>(answer: Answer): T {
  if (!answer.data) throw new Error(JSON.stringify(answer.errors));
  return Object.values(answer.data)[0] as T;
}

/** Whose a key is now; null when it is nobody's. */
export async function callerOf({ identity }: TestIdentity, text: string): Promise<Caller | null> {
  const resolution = await identity.resolve({ kind: 'key', text });
  return resolution.active ? resolution.caller : null;
}

export async function makeAccount(
  identity: TestIdentity,
  caller: Caller,
  input: Record<string, unknown> = {},
): Promise<string> {
  const answer = await identity.ask(caller, CREATE_ACCOUNT, { input: { name: 'bot', ...input } });
  return only<{ id: string }>(answer).id;
}
