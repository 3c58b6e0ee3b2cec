import type { preHandlerHookHandler, preValidationHookHandler } from 'fastify';
import type { MercuriusContext, MercuriusOptions } from 'mercurius';
import { CodedError } from '#contract/errors.ts';
import { acceptOf } from './accept.ts';
import { errorsOf, knownErrorOf } from './error-reply.ts';

/** Stands for the query of an operation that has none: for Mercurius that would be an answer, and not an error. */
export const NO_QUERY = ' ';

/**
 * Bounds a batch, and says what its answer is (GraphQL over HTTP, appendix "Request Batching"): status 200
 * and a list, whatever becomes of the single operations.
 * @throws CodedError BAD_REQUEST for an empty batch, BATCH_TOO_LARGE, NOT_ACCEPTABLE
 */
export function checkBatch(maxBatch: number): preValidationHookHandler {
  return (request, reply, done) => {
    const { body } = request;
    if (!Array.isArray(body)) {
      done();
      return;
    }
    if (body.length === 0) throw new CodedError('BAD_REQUEST', 'The batch holds no operation');
    if (body.length > maxBatch) {
      throw new CodedError(
        'BATCH_TOO_LARGE',
        `The batch holds more than ${maxBatch} operations (maxBatch)`,
      );
    }
    const mediaType = acceptOf(request).json;
    if (mediaType === null) throw new CodedError('NOT_ACCEPTABLE');
    reply.type(`${mediaType}; charset=utf-8`);
    done();
  };
}

/** Lets an operation of a batch that has no query fail for itself. Plugins have had their chance to fill it in. */
export const standInForQueries: preHandlerHookHandler = ({ body }, _reply, done) => {
  if (Array.isArray(body)) {
    for (const operation of body as { query?: string }[]) operation.query ||= NO_QUERY;
  }
  done();
};

/** The answer of one operation of a batch that was refused; Mercurius asks for no other. */
export const batchAnswer: NonNullable<MercuriusOptions['errorFormatter']> = (
  { errors },
  context: MercuriusContext,
) => {
  const known = errors.map((error) => knownErrorOf(error.originalError ?? error));
  for (const [index, { code }] of known.entries()) {
    if (code !== 'INTERNAL_SERVER_ERROR') continue;
    const err = errors[index]?.originalError ?? errors[index];
    context.reply.request.log.error({ err }, 'an operation of a batch failed');
  }
  // Without `data`: nothing was run.
  return { statusCode: 200, response: { errors: known.flatMap(errorsOf) } as never };
};
