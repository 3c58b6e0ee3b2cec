import { CodedError } from '#contract/errors.ts';
import type { KeyOperator } from '#subgraphs/identity/operator/key-operator.ts';
import type { CommandIo } from './command.ts';
import { withIdentity } from './open-identity.ts';
import { UsageMistake } from './usage-mistake.ts';

/**
 * Runs `work` on the store of this deployment and prints what it answers, which may be a secret, to stdout.
 * A coded error is one line on stderr with its code, and exit code 1; a wrong flag is exit code 2.
 */
export async function withOperator(
  io: CommandIo,
  name: string,
  work: (operator: KeyOperator) => Promise<string>,
): Promise<number> {
  try {
    const text = await withIdentity(io, ({ identity }) => work(identity.operator));
    io.stdout.write(text);
    return 0;
  } catch (error) {
    if (error instanceof UsageMistake) {
      io.stderr.write(`castellan: ${name}: ${error.message}; see --help\n`);
      return 2;
    }
    if (!(error instanceof CodedError)) throw error;
    io.stderr.write(`castellan: ${name}: ${error.message} (${error.code})\n`);
    return 1;
  }
}
