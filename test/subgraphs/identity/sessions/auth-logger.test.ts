import t from 'tap';
import { authLog } from '#subgraphs/identity/sessions/auth-logger.ts';
import { createAuthClient } from '../../support/auth-client.ts';
import { startIdentity } from '../../support/running-identity.ts';
import { onEachStore } from '../../support/stores.ts';

t.test('better-auth’s own words are logged, and nothing of what clients sent', async (t) => {
  const lines: unknown[] = [];
  const line = (level: string) => (bindings: object) => lines.push({ level, ...bindings });
  const log = authLog({ warn: line('warn'), debug: line('debug') });
  const cases: readonly (readonly [string, unknown, object])[] = [
    ['error', 'Failed to create session', { level: 'warn', said: 'Failed to create session' }],
    ['warn', 'Invalid password', { level: 'debug', said: 'Invalid password' }],
    ['error', 'Invalid origin: https://evil.example', { level: 'warn', said: 'Invalid origin' }],
    ['error', 'The role "swordfish" is taken', { level: 'warn', said: 'The role' }],
    ['error', 'User ada@example.com not found', { level: 'warn', said: 'User' }],
    ['error', 'token_swordfish_here', { level: 'warn', said: '' }],
    ['error', new Error('swordfish'), { level: 'warn', said: '' }],
  ];
  for (const [level, message] of cases) log(level, message);
  t.strictSame(
    lines,
    cases.map(([, , expected]) => expected),
  );
});

onEachStore('what a client sends to sign in is in no line of the log', async (t, store) => {
  const identity = await startIdentity(t, store);
  await identity.signUp('ada@example.com');
  const client = createAuthClient(identity);
  const callbackURL = 'https://evil-swordfish.example/x';
  const body = { email: 'ada@example.com', password: 'swordfish swordfish', callbackURL };
  t.ok((await client.post('/sign-in/email', body)).status >= 400);
  t.match(identity.logs(), /"said":"Invalid callbackURL"/);
  t.notMatch(identity.logs(), 'swordfish');
  for (const line of identity.logs().trim().split('\n')) {
    t.ok(JSON.parse(line).level < 50, 'and none is an error');
  }
});
