import type { FastifyInstance } from 'fastify';
import { CodedError } from '#contract/errors.ts';
import type { AskIdentity } from '#gateway/plugin.ts';

/**
 * What a dialect in which people sign in asks.
 * @throws CodedError CONFIGURATION_INVALID where callers come from outside issuers alone
 */
export function identityOf({ askIdentity }: FastifyInstance, dialect: string): AskIdentity {
  if (askIdentity !== undefined) return askIdentity;
  throw new CodedError(
    'CONFIGURATION_INVALID',
    `plugin ${dialect}: there is no identity to sign in with; set IDENTITY_URL`,
  );
}
