import { CodedError } from '#contract/errors.ts';
import { publicKeySet } from '#plugins/auth/signing-keys.ts';
import type { ClaimsKeys } from '#subgraphs/kit/index.ts';

/** The keys by which a subgraph in this process, or beside the same data folder, verifies claims. */
export function jwkSet(signingKey: string): ClaimsKeys {
  return { keys: publicKeySet(signingKey).keys.map((key) => ({ ...key })) };
}

/** The keys that gateways publish. @throws CodedError CONFIGURATION_INVALID */
export function jwksUrl(url: string): ClaimsKeys {
  if (!/^https?:\/\//.test(url) || !URL.canParse(url)) {
    throw new CodedError(
      'CONFIGURATION_INVALID',
      'CASTELLAN_JWKS_URL must be an http or https URL',
    );
  }
  return new URL(url);
}
