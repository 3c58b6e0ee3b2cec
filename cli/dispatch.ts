import { parseArgs } from 'node:util';
import { closest } from './closest.ts';
import type { Command, CommandIo, FlagTable, FlagValues } from './command.ts';
import { type CommandTable, commands } from './commands/index.ts';
import { explainError } from './explain-error.ts';
import { helpOf, overview } from './help.ts';

/** The exit code of a command line that could not be understood. */
const USAGE = 2;

/**
 * Runs the command that `args` name and answers with the exit code: 2 when the command line itself is
 * wrong, 1 when the command failed, otherwise what the command says.
 */
export async function dispatch(args: readonly string[], io: CommandIo): Promise<number> {
  return dispatchIn({ commands, path: '' }, args, io);
}

interface Place {
  readonly commands: CommandTable;
  /** The names so far, with a space after each. */
  readonly path: string;
}

async function dispatchIn(
  { commands, path }: Place,
  args: readonly string[],
  io: CommandIo,
): Promise<number> {
  const [name, ...rest] = args;
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    io[name === undefined ? 'stderr' : 'stdout'].write(overview(commands, path));
    return name === undefined ? USAGE : 0;
  }
  const entry = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (entry === undefined) {
    return refuse(io, `${path}${name} is not a command`, closest(name, Object.keys(commands)));
  }
  if ('commands' in entry) {
    return dispatchIn({ commands: entry.commands, path: `${path}${name} ` }, rest, io);
  }
  try {
    const { command } = await entry.load();
    return await run(command, rest, io);
  } catch (error) {
    io.stderr.write(`${explainError(error, io.env)}\n`);
    return 1;
  }
}

async function run(
  command: Command<FlagTable>,
  args: readonly string[],
  io: CommandIo,
): Promise<number> {
  if (args.includes('--help') || args.includes('-h')) {
    io.stdout.write(helpOf(command));
    return 0;
  }
  const mistake = mistakeIn(command, args);
  if (mistake !== null) return refuse(io, `${command.name}: ${mistake.text}`, mistake.suggestion);
  const { values, positionals } = parseArgs({
    args: [...args],
    options: command.flags,
    strict: true,
    allowPositionals: true,
  });
  return await command.run(values as FlagValues<FlagTable>, io, positionals);
}

interface Mistake {
  readonly text: string;
  readonly suggestion: string | undefined;
}

/** parseArgs stops at the first mistake in words of its own; these name the flag and the likely one. */
function mistakeIn(
  { flags, operands = [] }: Command<FlagTable>,
  args: readonly string[],
): Mistake | null {
  let count = 0;
  const { tokens } = parseArgs({
    args: [...args],
    options: flags,
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  for (const token of tokens) {
    if (token.kind === 'positional') {
      count += 1;
      if (count <= operands.length && token.value !== '') continue;
      return { text: `unexpected argument ${token.value}`, suggestion: undefined };
    }
    if (token.kind !== 'option') continue;
    const flag = Object.hasOwn(flags, token.name) ? flags[token.name] : undefined;
    if (flag === undefined) {
      const names = Object.keys(flags).map((name) => `--${name}`);
      return { text: `unknown flag ${token.rawName}`, suggestion: closest(token.rawName, names) };
    }
    if (flag.type === 'string' && (token.value === undefined || token.value === '')) {
      return { text: `${token.rawName} needs a value`, suggestion: undefined };
    }
    // `--port --open` would otherwise take the next flag for the value.
    if (flag.type === 'string' && !token.inlineValue && /^--?[a-z]/i.test(token.value ?? '')) {
      return { text: `${token.rawName} needs a value`, suggestion: undefined };
    }
    if (flag.type === 'boolean' && token.value !== undefined) {
      return { text: `${token.rawName} takes no value`, suggestion: undefined };
    }
  }
  const missing = operands[count];
  return missing === undefined ? null : { text: `${missing} is missing`, suggestion: undefined };
}

function refuse(io: CommandIo, text: string, suggestion: string | undefined): number {
  const hint = suggestion === undefined ? 'see --help' : `did you mean ${suggestion}?`;
  io.stderr.write(`castellan: ${text}; ${hint}\n`);
  return USAGE;
}
