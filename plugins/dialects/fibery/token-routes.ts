import type { FastifyInstance } from 'fastify';
import { type Static, Type } from 'typebox';
import { CodedError } from '#contract/errors.ts';
import { encodeGrant } from '#contract/permissions/make-grant.ts';
import { splitPermissions } from '#contract/permissions/scope.ts';
import { createKey, type Key, listKeys, revokeKey } from '../kit/keys.ts';
import { requireKnown } from '../kit/require-known.ts';

const time = { format: 'date-time' };
const nullableTime = Type.Union([Type.String(time), Type.Null()]);

const tokenFields = {
  id: Type.String({ description: 'Names the token and opens nothing' }),
  name: Type.String(),
  prefix: Type.String({ description: 'The first characters of its value' }),
  createdAt: Type.String(time),
  expiresAt: nullableTime,
  lastUsedAt: nullableTime,
};
const tokenSchema = Type.Object(tokenFields);
const newTokenSchema = Type.Object({
  ...tokenFields,
  value: Type.String({ description: 'The token itself, which is shown nowhere else' }),
});
const errorSchema = Type.Object({ name: Type.String(), message: Type.String() });
const bodySchema = Type.Object(
  { name: Type.Optional(Type.String({ minLength: 1, maxLength: 100 })) },
  { additionalProperties: false },
);

const common = { tags: ['Tokens'], security: [{ session: [] }, { bearer: [] }] };
const refusals = { '4xx': errorSchema, '5xx': errorSchema };

/** `/api/tokens`: the caller's own API keys under the name of tokens. */
export function tokenRoutes(scope: FastifyInstance, tokenName: string): void {
  scope.addHook('onRequest', requireKnown);

  scope.get(
    '/api/tokens',
    {
      schema: {
        ...common,
        summary: 'The tokens of whoever asks, newest first',
        response: { 200: Type.Array(tokenSchema), ...refusals },
      },
    },
    async (request, reply) => (await listKeys(request, reply)).map(tokenOf),
  );

  scope.post<{ Body: Static<typeof bodySchema> }>(
    '/api/tokens',
    {
      schema: {
        ...common,
        summary: 'Makes a token that may do what its maker may',
        body: bodySchema,
        response: { 201: newTokenSchema, ...refusals },
      },
    },
    async (request, reply) => {
      const { scopes, grants } = splitPermissions(request.caller.permissions);
      const { key, apiKey } = await createKey(request, reply, {
        name: request.body.name ?? tokenName,
        scopes,
        grants: grants.map(encodeGrant),
      });
      return reply.code(201).send({ ...tokenOf(apiKey), value: key });
    },
  );

  scope.delete<{ Params: { readonly token_id: string } }>(
    '/api/tokens/:token_id',
    {
      schema: {
        ...common,
        summary: 'Ends a token at once and for good',
        params: Type.Object({ token_id: Type.String() }),
        response: { 204: Type.Null(), ...refusals },
      },
    },
    async (request, reply) => {
      const id = request.params.token_id;
      if (!/^\w{1,64}$/.test(id)) throw new CodedError('NOT_FOUND');
      await revokeKey(request, reply, id);
      return reply.code(204).send();
    },
  );
}

function tokenOf({ id, name, prefix, createdAt, expiresAt, lastUsed }: Key) {
  return { id, name, prefix, createdAt, expiresAt, lastUsedAt: lastUsed?.at ?? null };
}
