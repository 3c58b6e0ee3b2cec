import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startCastellan } from '../processes.ts';
import { configFolder } from './config-folder.ts';
import { type Gateway, running } from './gateway.ts';

/** With auth and authorization, and a key that may do everything, which an identity in another process knows. */
export const castellanAuth: Gateway = authenticated('castellan-auth', null);

/** The same with a key that has a grant for each type it asks for, and may not see everything. */
export const castellanScoped: Gateway = authenticated('castellan-scoped', [
  'Query',
  'Product',
  'Review',
  'User.id',
  'User.name',
  'User.username',
  'User.reviews',
]);

function authenticated(name: string, granted: readonly string[] | null): Gateway {
  return {
    name,
    dedupe: [false, true],
    async start({ supergraphFile, folder, dedupe }) {
      const data = await mkdtemp(join(folder, 'identity-'));
      const key = await makeKey(data, granted);
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
}

/** The key that a first `castellan start` gives its owner, or one that it makes with these grants. */
async function makeKey(data: string, granted: readonly string[] | null): Promise<string> {
  const whole = await startCastellan(['start', '--port', '0'], 'API key', {
    env: { CASTELLAN_DATA: data, NODE_ENV: 'development' },
  });
  try {
    const owners = whole.facts.get('API key') ?? '';
    if (granted === null) return owners;
    const answer = await fetch(whole.facts.get('GraphQL') ?? '', {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${owners}` },
      body: JSON.stringify({
        query: 'mutation ($input: CreateAPIKeyInput!) { createAPIKey(input: $input) { key } }',
        variables: {
          input: { name: 'bench', grants: granted.map((on) => ({ actions: ['READ'], on })) },
        },
      }),
    });
    const { data: made } = (await answer.json()) as { data?: { createAPIKey: { key: string } } };
    if (made === undefined) throw new Error('the scoped key was not made');
    return made.createAPIKey.key;
  } finally {
    await whole.stop();
  }
}
