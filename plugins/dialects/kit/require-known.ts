import type { FastifyRequest } from 'fastify';
import { CodedError } from '#contract/errors.ts';

/** @throws CodedError UNAUTHENTICATED for whoever shows no credential, before anything else is said of their request */
export async function requireKnown(request: FastifyRequest): Promise<void> {
  if (request.caller.kind === 'anonymous') throw new CodedError('UNAUTHENTICATED');
}
