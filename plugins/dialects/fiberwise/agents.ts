import type { FastifyReply, FastifyRequest } from 'fastify';
import { CodedError } from '#contract/errors.ts';
import { askGraph } from '../kit/ask-graph.ts';

const FIELDS = 'id name description role createdAt suspendedAt';
const LIST = `query ($after: String) {
  serviceAccounts(first: 100, after: $after) {
    nodes { ${FIELDS} }
    pageInfo { hasNextPage endCursor }
  }
}`;
const READ = `query ($id: ID!) { serviceAccount(id: $id) { ${FIELDS} } }`;
const CREATE = `mutation ($input: CreateServiceAccountInput!) {
  createServiceAccount(input: $input) { ${FIELDS} }
}`;
/** More than a deployment allows an organization. */
const MAX_PAGES = 1_000;

interface ServiceAccount {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly role: string;
  readonly createdAt: string;
  readonly suspendedAt: string | null;
}

interface Page {
  readonly nodes: readonly ServiceAccount[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string };
}

/** All service accounts of the caller's organization, newest first. */
export async function listAgents(request: FastifyRequest, reply: FastifyReply) {
  const accounts: ServiceAccount[] = [];
  let after: string | null = null;
  for (let pages = 0; pages < MAX_PAGES; pages += 1) {
    const variables = { after };
    const { serviceAccounts } = await askGraph(request, reply, { source: LIST, variables });
    const { nodes, pageInfo } = serviceAccounts as Page; // what the operation asks for
    accounts.push(...nodes);
    if (!pageInfo.hasNextPage) break;
    after = pageInfo.endCursor;
  }
  return accounts.map(agentOf);
}

/** @throws CodedError NOT_FOUND for an unknown id as for one of another organization */
export async function readAgent(request: FastifyRequest, reply: FastifyReply, id: string) {
  if (!/^\w{1,64}$/.test(id)) throw new CodedError('NOT_FOUND');
  const { serviceAccount } = await askGraph(request, reply, { source: READ, variables: { id } });
  return agentOf(serviceAccount as ServiceAccount); // what the operation asks for
}

export async function createAgent(
  request: FastifyRequest,
  reply: FastifyReply,
  input: { readonly name: string; readonly description?: string },
) {
  const asked = { source: CREATE, variables: { input } };
  const { createServiceAccount } = await askGraph(request, reply, asked);
  return agentOf(createServiceAccount as ServiceAccount); // what the operation asks for
}

function agentOf({ id, name, description, role, createdAt, suspendedAt }: ServiceAccount) {
  return {
    id,
    name,
    description,
    role: role.toLowerCase(),
    is_active: suspendedAt === null,
    created_at: createdAt.replace(/\.\d+Z$/, 'Z'),
  };
}
