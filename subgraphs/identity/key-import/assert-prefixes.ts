import { CodedError } from '#contract/errors.ts';

/**
 * Refuses prefixes of foreign keys that a key of this deployment could begin with.
 * @throws CodedError CONFIGURATION_INVALID
 */
export function assertPrefixes(prefixes: readonly string[], brand: string): void {
  const own = `${brand}_`;
  const colliding = prefixes.find((prefix) => prefix.startsWith(own) || own.startsWith(prefix));
  if (colliding === undefined) return;
  throw new CodedError(
    'CONFIGURATION_INVALID',
    `castellan.config.ts: identity.keyImport.prefixes: "${colliding}" is what this deployment's own keys begin with`,
  );
}
