import t from 'tap';
import { runCli } from './run-cli.ts';
import { runDispatch } from './run-dispatch.ts';

t.test('--help lists every command on stdout', async (t) => {
  const { code, stdout, stderr } = await runCli(['--help'], t.testdir());
  t.equal(code, 0);
  t.match(stdout, /^castellan COMMAND/);
  t.match(stdout, /^ {2}start {2,}\S.*\n.*^ {2}compose {2,}\S/ms);
  t.equal(stderr, '');
});

t.test('no command at all is a usage error', async (t) => {
  const { code, stdout, stderr } = await runCli([], t.testdir());
  t.equal(code, 2);
  t.equal(stdout, '');
  t.match(stderr, /^castellan COMMAND/);
});

t.test(
  'a command that does not exist is refused in one line that names the likely one',
  async (t) => {
    t.strictSame(await runCli(['compse'], t.testdir()), {
      code: 2,
      stdout: '',
      stderr: 'castellan: compse is not a command; did you mean compose?\n',
    });
    const { code, stderr } = await runCli(['constructor'], t.testdir());
    t.equal(code, 2);
    t.equal(stderr, 'castellan: constructor is not a command; see --help\n');
  },
);

t.test('a wrong flag is refused in one line, and nothing runs', async (t) => {
  const cases: readonly (readonly [readonly string[], string])[] = [
    [['--chek'], 'unknown flag --chek; did you mean --check?'],
    [['--zzzzzzzz'], 'unknown flag --zzzzzzzz; see --help'],
    [['--config'], '--config needs a value; see --help'],
    [['--config='], '--config needs a value; see --help'],
    [['--config', '--check'], '--config needs a value; see --help'],
    [['--check=yes'], '--check takes no value; see --help'],
    [['supergraph.yaml'], 'unexpected argument supergraph.yaml; see --help'],
  ];
  for (const [flags, message] of cases) {
    const outcome = await runDispatch(['compose', ...flags], t.testdir());
    t.strictSame(outcome, { code: 2, stdout: '', stderr: `castellan: compose: ${message}\n` });
  }
});

t.test('COMMAND --help lists its flags', async (t) => {
  const { code, stdout } = await runCli(['compose', '--help'], t.testdir());
  t.equal(code, 0);
  t.match(stdout, /^castellan compose \[flags\]/);
  t.match(stdout, /^ {2}--config FILE {2}.*\(supergraph\.yaml\)$/m);
});
