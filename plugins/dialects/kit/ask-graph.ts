import type { FastifyReply, FastifyRequest } from 'fastify';
import { CodedError, type ErrorCode, errors } from '#contract/errors.ts';
import type { InternalOperation } from '#gateway/plugin.ts';

/**
 * What the graph answers whoever sent a request; a part of an answer is none.
 * @throws CodedError the first error, as a GraphQL client would be told it
 */
export async function askGraph(
  request: FastifyRequest,
  reply: FastifyReply,
  operation: InternalOperation,
): Promise<Readonly<Record<string, unknown>>> {
  const { data, errors: mistakes = [] } = await run(request, reply, operation);
  const [mistake] = mistakes;
  if (mistake !== undefined) {
    const { code } = mistake.extensions ?? {};
    if (!isKnown(code))
      throw new CodedError('INTERNAL_SERVER_ERROR', undefined, { cause: mistake });
    throw new CodedError(code, mistake.message, { extensions: { ...mistake.extensions } });
  }
  return data ?? {};
}

async function run(request: FastifyRequest, reply: FastifyReply, operation: InternalOperation) {
  try {
    return await request.server.castellan.ask(request, reply, operation);
  } catch (error) {
    // Where what a caller may not touch does not exist for them, a text of ours fits the schema of all others.
    if (error instanceof CodedError && error.code === 'GRAPHQL_VALIDATION_FAILED') {
      const code = request.caller.kind === 'anonymous' ? 'UNAUTHENTICATED' : 'FORBIDDEN';
      throw new CodedError(code, undefined, { cause: error });
    }
    throw error;
  }
}

function isKnown(code: unknown): code is ErrorCode {
  return typeof code === 'string' && Object.hasOwn(errors, code);
}
