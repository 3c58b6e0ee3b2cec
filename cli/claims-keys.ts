import { CodedError } from '#contract/errors.ts';
import { publicKeySet } from '#contract/signing-keys.ts';
import type { ClaimsKeys } from '#subgraphs/kit/index.ts';
import type { Environment } from './secrets.ts';

/** The keys by which a subgraph in this process, or beside the same data folder, verifies claims. */
export function jwkSet(signingKey: string): ClaimsKeys {
  return { keys: publicKeySet(signingKey).keys.map((key) => ({ ...key })) };
}

/**
 * The keys by which a subgraph in a process of its own verifies claims: those that gateways publish at
 * CASTELLAN_JWKS_URL, or the one in the data folder that a gateway on the same machine shares.
 * @throws CodedError CONFIGURATION_INVALID
 */
export function claimsKeys(env: Environment): ClaimsKeys {
  const { CASTELLAN_JWKS_URL: url, CASTELLAN_SIGNING_KEY: key } = env;
  return url ? jwksUrl(url) : jwkSet(key ?? '');
}

function jwksUrl(url: string): ClaimsKeys {
  if (!/^https?:\/\//.test(url) || !URL.canParse(url)) {
    throw new CodedError(
      'CONFIGURATION_INVALID',
      'CASTELLAN_JWKS_URL must be an http or https URL',
    );
  }
  return new URL(url);
}
