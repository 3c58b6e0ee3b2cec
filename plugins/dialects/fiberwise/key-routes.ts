import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { type Static, Type } from 'typebox';
import { CodedError } from '#contract/errors.ts';
import { createKey, type KeysWanted, listKeys, revokeKey } from '../kit/keys.ts';
import { requireKnown } from '../kit/require-known.ts';
import { refusals } from './errors.ts';
import { keyId, keyOf, keySchema, madeKeySchema, newKeyOf, newKeySchema } from './key-schemas.ts';

const common = { tags: ['API keys'], security: [{ bearer: [] }, { session: [] }] };
const MAX_NUMBER = 2_147_483_647;

export interface KeyRoutesOptions {
  readonly path: string;
  /** Whose keys these are, for the document. */
  readonly whose: string;
  readonly params?: Readonly<Record<string, ReturnType<typeof Type.String>>>;
  /** Whose keys these are: a service account's, or the caller's own. @throws CodedError NOT_FOUND */
  readonly ownerOf: (
    request: FastifyRequest,
    reply: FastifyReply,
  ) => Promise<Pick<KeysWanted, 'serviceAccountId'>>;
}

/** Making, listing and revoking keys, of the caller or of an agent. */
export function keyRoutes(
  scope: FastifyInstance,
  { path, whose, params = {}, ownerOf }: KeyRoutesOptions,
): void {
  const hook = { onRequest: requireKnown };

  scope.post<{ Body: Static<typeof newKeySchema> }>(
    path,
    {
      ...hook,
      schema: {
        ...common,
        summary: `Makes a key of ${whose}`,
        params: Type.Object(params),
        body: newKeySchema,
        response: { 201: madeKeySchema, ...refusals },
      },
    },
    async (request, reply) => {
      const input = { ...newKeyOf(request.body), ...(await ownerOf(request, reply)) };
      const { key, apiKey } = await createKey(request, reply, input);
      return reply.code(201).send({ ...keyOf(apiKey), key });
    },
  );

  scope.get(
    path,
    {
      ...hook,
      schema: {
        ...common,
        summary: `The keys of ${whose}, newest first, without those that were revoked`,
        params: Type.Object(params),
        response: { 200: Type.Array(keySchema), ...refusals },
      },
    },
    async (request, reply) => {
      const keys = await listKeys(request, reply, await ownerOf(request, reply));
      return keys.map(keyOf);
    },
  );

  scope.delete<{ Params: { readonly key_id: number } }>(
    `${path}/:key_id`,
    {
      ...hook,
      schema: {
        ...common,
        summary: `Revokes a key of ${whose} at once and for good`,
        params: Type.Object({ ...params, key_id: keyId }),
        response: { 204: Type.Null(), ...refusals },
      },
    },
    async (request, reply) => {
      const number = request.params.key_id;
      if (number > MAX_NUMBER) throw new CodedError('NOT_FOUND');
      const owner = await ownerOf(request, reply);
      const [key] = await listKeys(request, reply, { ...owner, number });
      if (key === undefined) throw new CodedError('NOT_FOUND');
      await revokeKey(request, reply, key.id);
      return reply.code(204).send();
    },
  );
}
