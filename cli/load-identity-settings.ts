import { pathToFileURL } from 'node:url';
import { defineIdentity, type IdentitySettings } from '#subgraphs/identity/settings.ts';

/**
 * What castellan.config.ts exports as `identity`; every default when it exports nothing of this name.
 * @throws CodedError CONFIGURATION_INVALID naming the path of the first mistake
 */
export async function loadIdentitySettings(file: string): Promise<IdentitySettings> {
  const { identity } = (await import(pathToFileURL(file).href)) as { readonly identity?: object };
  // Checked whoever made it: it may be a plain object.
  return defineIdentity(identity);
}
