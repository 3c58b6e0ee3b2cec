import type { FastifyInstance } from 'fastify';
import { type Static, Type } from 'typebox';
import { requireKnown } from '../kit/require-known.ts';
import { createAgent, listAgents, readAgent } from './agents.ts';
import { refusals } from './errors.ts';
import { keyRoutes } from './key-routes.ts';

const time = { format: 'date-time' };
const agentSchema = Type.Object({
  id: Type.String(),
  name: Type.String(),
  description: Type.String(),
  role: Type.String({ description: 'The most that its keys may do: admin, member or read_only' }),
  is_active: Type.Boolean({ description: 'Whether its keys are let in' }),
  created_at: Type.String(time),
});
const newAgentSchema = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 100 }),
    description: Type.Optional(Type.String({ maxLength: 500 })),
  },
  { additionalProperties: false },
);
const agent_id = Type.String({ description: 'The id of the agent' });

const common = { tags: ['Agents'], security: [{ bearer: [] }, { session: [] }] };
const hook = { onRequest: requireKnown };

/** `/agents`: the service accounts of the caller's organization, and their keys. */
export function agentRoutes(scope: FastifyInstance): void {
  scope.get(
    '/agents',
    {
      ...hook,
      schema: {
        ...common,
        summary: 'The agents of the organization, newest first',
        response: { 200: Type.Array(agentSchema), ...refusals },
      },
    },
    (request, reply) => listAgents(request, reply),
  );

  scope.post<{ Body: Static<typeof newAgentSchema> }>(
    '/agents',
    {
      ...hook,
      schema: {
        ...common,
        summary: 'Makes an agent; for those who govern the organization',
        body: newAgentSchema,
        response: { 201: agentSchema, ...refusals },
      },
    },
    async (request, reply) => reply.code(201).send(await createAgent(request, reply, request.body)),
  );

  scope.get<{ Params: { readonly agent_id: string } }>(
    '/agents/:agent_id',
    {
      ...hook,
      schema: {
        ...common,
        summary: 'An agent of the organization',
        params: Type.Object({ agent_id }),
        response: { 200: agentSchema, ...refusals },
      },
    },
    (request, reply) => readAgent(request, reply, request.params.agent_id),
  );

  keyRoutes(scope, {
    path: '/agents/:agent_id/api-keys',
    whose: 'an agent; for those who govern the organization',
    params: { agent_id },
    async ownerOf(request, reply) {
      const { agent_id: id } = request.params as { readonly agent_id: string }; // the path has it
      return { serviceAccountId: (await readAgent(request, reply, id)).id };
    },
  });
}
