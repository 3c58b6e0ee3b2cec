import type { FastifyReply, FastifyRequest } from 'fastify';
import { CodedError } from '#contract/errors.ts';
import { askGraph } from './ask-graph.ts';

/** An API key as the graph shows it, without its text. Times are RFC 3339. */
export interface Key {
  readonly id: string;
  readonly number: number;
  readonly name: string;
  readonly prefix: string;
  readonly scopes: readonly string[];
  readonly createdAt: string;
  readonly expiresAt: string | null;
  readonly lastUsed: { readonly at: string } | null;
}

/** `CreateAPIKeyInput`, as far as a dialect says it. */
export interface NewKey {
  readonly name: string;
  readonly scopes: readonly string[];
  readonly grants?: readonly unknown[];
  readonly expiresIn?: string;
  readonly expiresAt?: string;
  readonly serviceAccountId?: string;
}

export interface KeysWanted {
  /** The key with this number alone. */
  readonly number?: number;
  /** Those of a service account, for whoever governs its organization; without it the caller's own. */
  readonly serviceAccountId?: string;
}

const FIELDS = 'id number name prefix scopes createdAt expiresAt lastUsed { at }';
const PAGE_SIZE = 100;
/** More than an organization allows anybody, unless the deployment says otherwise. */
const MAX_PAGES = 10;

const LIST = `query ($first: Int!, $after: String, $scope: APIKeyScope!, $filter: APIKeyFilter!) {
  apiKeys(first: $first, after: $after, scope: $scope, filter: $filter) {
    nodes { ${FIELDS} }
    pageInfo { hasNextPage endCursor }
  }
}`;
const CREATE = `mutation ($input: CreateAPIKeyInput!) {
  createAPIKey(input: $input) { key apiKey { ${FIELDS} } }
}`;
const REVOKE = 'mutation ($id: ID!) { revokeAPIKey(id: $id) { id } }';

/** Keys that were not revoked, newest first, the first thousand of them. */
export async function listKeys(
  request: FastifyRequest,
  reply: FastifyReply,
  { number, serviceAccountId }: KeysWanted = {},
): Promise<readonly Key[]> {
  const filter = {
    revoked: false,
    ...(number !== undefined && { number }),
    ...(serviceAccountId !== undefined && { serviceAccountId }),
  };
  const scope = serviceAccountId === undefined ? 'OWN' : 'ORGANIZATION';
  const keys: Key[] = [];
  let after: string | null = null;
  for (let pages = 0; pages < MAX_PAGES; pages += 1) {
    const variables = { first: PAGE_SIZE, after, scope, filter };
    const { apiKeys } = await askGraph(request, reply, { source: LIST, variables });
    const { nodes, pageInfo } = apiKeys as Page; // what the operation asks for
    keys.push(...nodes);
    if (!pageInfo.hasNextPage) break;
    after = pageInfo.endCursor;
  }
  return keys;
}

interface Page {
  readonly nodes: readonly Key[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string };
}

/** Makes a key; its text is in the answer and nowhere else. */
export async function createKey(
  request: FastifyRequest,
  reply: FastifyReply,
  input: NewKey,
): Promise<{ readonly key: string; readonly apiKey: Key }> {
  const { createAPIKey } = await askGraph(request, reply, { source: CREATE, variables: { input } });
  return createAPIKey as { readonly key: string; readonly apiKey: Key }; // what the operation asks for
}

/**
 * Ends a key for good.
 * @throws CodedError NOT_FOUND also for one that was revoked before: as little is left of it
 */
export async function revokeKey(
  request: FastifyRequest,
  reply: FastifyReply,
  id: string,
): Promise<void> {
  try {
    await askGraph(request, reply, { source: REVOKE, variables: { id } });
  } catch (error) {
    if (error instanceof CodedError && error.code === 'ALREADY_REVOKED') {
      throw new CodedError('NOT_FOUND');
    }
    throw error;
  }
}
