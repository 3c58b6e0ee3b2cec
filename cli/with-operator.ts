import { CodedError } from '#contract/errors.ts';
import type { KeyOperator } from '#subgraphs/identity/operator/key-operator.ts';
import type { CommandIo } from './command.ts';
import { withIdentity } from './open-identity.ts';

/** What a command that did only a part of its work says: `problems` go to stderr, a line each, and the exit code is 1. */
export interface Partly {
  readonly text: string;
  readonly problems: readonly string[];
}

/**
 * Runs `work` on the store of this deployment and prints what it answers, which may be a secret, to stdout.
 * A coded error is one line on stderr with its code, and exit code 1.
 */
export async function withOperator(
  io: CommandIo,
  name: string,
  work: (operator: KeyOperator) => Promise<string | Partly>,
): Promise<number> {
  try {
    const said = await withIdentity(io, ({ identity }) => work(identity.operator));
    const { text, problems } = typeof said === 'string' ? { text: said, problems: [] } : said;
    io.stdout.write(text);
    for (const problem of problems) io.stderr.write(`castellan: ${name}: ${problem}\n`);
    return problems.length === 0 ? 0 : 1;
  } catch (error) {
    if (!(error instanceof CodedError)) throw error;
    io.stderr.write(`castellan: ${name}: ${error.message} (${error.code})\n`);
    return 1;
  }
}
