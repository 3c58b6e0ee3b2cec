import type { parseArgs } from 'node:util';

/** What a command may touch of its process; a test can hand in its own. */
export interface CommandIo {
  readonly stdout: { write(text: string): unknown };
  readonly stderr: { write(text: string): unknown };
  /** What is piped in; nothing when left out. */
  readonly stdin?: AsyncIterable<Uint8Array | string>;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Absolute; relative paths in flags start here. */
  readonly cwd: string;
}

/** A flag as `node:util` parseArgs reads it, and what `--help` says of it. */
export interface Flag {
  readonly type: 'string' | 'boolean';
  readonly description: string;
  /** What stands for the value in `--help`, e.g. FILE. */
  readonly value?: string;
  readonly short?: string;
  readonly default?: string | boolean;
}

export type FlagTable = Readonly<Record<string, Flag>>;

/** The values of flags that were given, or have a default. */
export type FlagValues<Flags extends FlagTable> = ReturnType<
  typeof parseArgs<{ options: { -readonly [Name in keyof Flags]: Flags[Name] } }>
>['values'];

/** A command of `castellan`, one module in `cli/commands/` each. */
export interface Command<Flags extends FlagTable = FlagTable> {
  readonly name: string;
  /** One line, without a full stop. */
  readonly summary: string;
  readonly flags: Flags;
  /** What stands behind the name without a flag, each needed, e.g. ID. */
  readonly operands?: readonly string[];
  /**
   * Runs until the command is done and answers with the exit code of the process.
   * @throws CodedError whose message is all that a user needs to read; the exit code is then 1
   */
  run(flags: FlagValues<Flags>, io: CommandIo, operands: readonly string[]): Promise<number>;
}

/**
 * Only for its types: `run` gets the values that `flags` describe.
 *
 * @example
 * export const command = defineCommand({
 *   name: 'greet',
 *   summary: 'Says hello',
 *   flags: { to: { type: 'string', value: 'NAME', description: 'whom', default: 'you' } },
 *   async run({ to }, { stdout }) {
 *     stdout.write(`hello ${to}\n`);
 *     return 0;
 *   },
 * });
 */
export function defineCommand<const Flags extends FlagTable>(
  command: Command<Flags>,
): Command<Flags> {
  return command;
}
