import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startCastellan } from '../processes.ts';
import { configFolder } from './config-folder.ts';
import { type Gateway, running } from './gateway.ts';

/** With the auth plugin and a key that an identity in another process knows. */
export const castellanAuth: Gateway = {
  name: 'castellan-auth',
  dedupe: [false, true],
  async start({ supergraphFile, folder, dedupe }) {
    const data = await mkdtemp(join(folder, 'identity-'));
    const key = await firstKey(data);
    const env = {
      CASTELLAN_DATA: data,
      CASTELLAN_SIGNING_KEY: await readFile(join(data, 'signing-key.json'), 'utf8'),
      CASTELLAN_PEPPER: (await readFile(join(data, 'pepper'), 'utf8')).trim(),
      IDENTITY_SECRET: randomBytes(32).toString('base64url'),
    };
    const identity = await startCastellan(['identity', '--port', '0'], 'Identity', { env });
    const process = await startCastellan(
      ['gateway', '--supergraph', supergraphFile, '--port', '0'],
      'GraphQL',
      {
        env: { ...env, IDENTITY_URL: identity.facts.get('Identity') ?? '' },
        cwd: await configFolder({ folder, dedupe }),
      },
    );
    return {
      ...running(process, process.facts.get('GraphQL') ?? '', { authorization: `Bearer ${key}` }),
      async stop() {
        await process.stop();
        await identity.stop();
      },
    };
  },
};

/** The key that a first `castellan start` gives its owner. */
async function firstKey(data: string): Promise<string> {
  const whole = await startCastellan(['start', '--port', '0'], 'API key', {
    env: { CASTELLAN_DATA: data, NODE_ENV: 'development' },
  });
  await whole.stop();
  return whole.facts.get('API key') ?? '';
}
