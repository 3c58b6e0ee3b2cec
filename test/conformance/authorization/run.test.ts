import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import t from 'tap';
import { run } from './run.ts';
import { startCastellan } from './start-castellan.ts';
import { readSuite } from './suite/read-suite.ts';

t.setTimeout(120_000);

t.test('the runner says which cases an endpoint fails', async (t) => {
  const suite = readSuite();
  const names = ['anyone', 'known', 'money'];
  const callers = new Map([...suite.callers].filter(([name]) => names.includes(name)));
  const castellan = await startCastellan(t, { ...suite, callers });
  const port = String(await freePort());
  const composed: string[] = [];
  t.equal(
    await run(['compose', '--supergraph', 'ledger', '--port', port], (line) => composed.push(line)),
    0,
  );
  const running = await castellan.endpointFor(
    {
      supergraph: 'ledger',
      mode: 'filter',
      caller: 'anyone',
    },
    composed.join('\n'),
  );

  const ask = async (headers: unknown) => {
    const file = `${t.testdirName}/callers.json`;
    writeFileSync(file, JSON.stringify(headers));
    const lines: string[] = [];
    const flags = { supergraph: 'ledger', endpoint: running.endpoint, callers: file, port };
    const args = Object.entries(flags).flatMap(([name, value]) => [`--${name}`, value]);
    return { code: await run(args, (line) => lines.push(line)), lines };
  };
  const headers = Object.fromEntries(names.map((name) => [name, running.headersOf(name)]));
  const whole = await ask(headers);
  t.equal(whole.code, 0);
  t.match(whole.lines, [/^\d\d passed, 0 failed, 0 skipped$/]);

  const tooMuch = await ask({ ...headers, known: headers.money });
  t.equal(tooMuch.code, 1);
  t.match(tooMuch.lines[0], /^not ok {2}nulls-and-lists: .*data .* instead of /);
  t.match(tooMuch.lines.at(-1), /^\d+ passed, \d\d failed, 0 skipped$/);

  const fewer = await ask({ money: headers.money });
  t.equal(fewer.code, 0);
  t.match(fewer.lines.at(-1), /^3 passed, 0 failed, \d\d skipped$/);
});

t.test('wrong arguments are told how to be right', async (t) => {
  const lines: string[] = [];
  t.equal(await run(['--supergraph', 'nowhere'], (line) => lines.push(line)), 2);
  t.equal(await run(['--supergraph', 'ledger'], (line) => lines.push(line)), 2);
  t.match(lines.join('\n'), /NAME is one of: chat, content/);
  const wrong = {
    '--port': ['x', /--port is a number/],
    '--mode': ['show', /--mode is one of filter, reject, hide, not show/],
    '--without': ['grants,rights', /--without is one of .*, not rights/],
    '--ignore': ['path', /--ignore is one of .*, not path/],
    '--nothing': ['x', /--nothing/],
  } as const;
  for (const [flag, [value, message]] of Object.entries(wrong)) {
    const told: string[] = [];
    t.equal(await run(['--supergraph', 'ledger', flag, value], (line) => told.push(line)), 2);
    t.match(told.join('\n'), message);
  }
});

async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (typeof address !== 'object' || address === null) throw new TypeError('no port');
  return address.port;
}
