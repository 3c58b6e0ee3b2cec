import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Setup } from './gateway.ts';

/**
 * A folder whose castellan.config.ts is the repository's, with calls shared or not; the same one each time, so that Node
 * compiles it once. A `castellan` command takes the file of the folder that it runs in.
 */
export async function configFolder({
  folder,
  dedupe,
}: Pick<Setup, 'folder' | 'dedupe'>): Promise<string> {
  const config = new URL('../../castellan.config.ts', import.meta.url);
  const made = join(folder, dedupe ? 'config-shared-calls' : 'config');
  await mkdir(made, { recursive: true });
  await writeFile(
    join(made, 'castellan.config.ts'),
    `import config from ${JSON.stringify(config.href)};
const { settings } = config;
const subgraphs = { ...settings.subgraphs, shareInFlight: ${dedupe} };
export default { ...config, settings: { ...settings, subgraphs } };
`,
  );
  return made;
}
