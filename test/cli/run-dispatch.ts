import { dispatch } from '#cli/dispatch.ts';
import type { CliOutcome } from './run-cli.ts';

/** Like `runCli`, but in this process: for tables of many cases, where a process each would take long. */
export async function runDispatch(
  args: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>> = {},
  piped?: readonly string[],
): Promise<CliOutcome> {
  const written = { stdout: '', stderr: '' };
  const into = (name: keyof typeof written) => ({
    write(text: string) {
      written[name] += text;
    },
  });
  const io = {
    stdout: into('stdout'),
    stderr: into('stderr'),
    env,
    cwd,
    ...(piped && { stdin: streamOf(piped) }),
  };
  const code = await dispatch(args, io);
  return { code, ...written };
}

async function* streamOf(chunks: readonly string[]): AsyncGenerator<string> {
  yield* chunks;
}
