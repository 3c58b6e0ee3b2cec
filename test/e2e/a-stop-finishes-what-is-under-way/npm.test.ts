import { spawn } from 'node:child_process';
import { once } from 'node:events';
import t from 'tap';

t.test('a supervisor that stops "npm start" stops the gateway with it', async (t) => {
  const npm = spawn('npm', ['start'], {
    env: { PATH: process.env.PATH, PORT: '0', CASTELLAN_DATA: t.testdir(), LOG_LEVEL: 'warn' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  for await (const chunk of npm.stdout.setEncoding('utf8')) {
    output += String(chunk);
    if (output.includes('API key  ')) break;
  }
  const url = /^GraphQL {2}(\S+)$/m.exec(output)?.[1] ?? '';
  t.equal((await fetch(url.replace('/graphql', '/health/live'))).status, 200);
  npm.kill('SIGTERM');
  await once(npm, 'exit');
  await t.rejects(fetch(url.replace('/graphql', '/health/live')), 'nobody listens any more');
});
