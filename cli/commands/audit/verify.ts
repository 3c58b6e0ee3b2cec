import { defineCommand } from '../../command.ts';
import type { OpenIdentity } from '../../open-identity.ts';
import { withIdentity } from '../../open-identity.ts';
import { UsageMistake } from '../../usage-mistake.ts';

type Verification = Awaited<ReturnType<OpenIdentity['identity']['audit']['verify']>>;
type Finding = Verification['findings'][number]['what'];

const meanings: Readonly<Record<Finding, string>> = {
  changed: 'was changed after it was sealed',
  deleted: 'is gone',
  inserted: 'was put in after what follows it was sealed',
  'wrong-checkpoint': 'has a checkpoint that our key has not signed like this',
  'unknown-key': 'has a checkpoint of a pepper that is not in CASTELLAN_PEPPER',
  'no-checkpoint': 'is the end of the chain and has no checkpoint that holds',
  'cut-off': 'is the checkpoint that you kept, and is not in the log',
};

export const command = defineCommand({
  name: 'audit verify',
  summary: 'Checks that nobody has changed the audit log',
  flags: {
    kept: {
      type: 'string',
      value: 'NUMBER:HASH',
      description: 'a checkpoint from the logs of the service, to see that nothing is cut off',
    },
  },
  async run({ kept }, io) {
    const match = kept === undefined ? null : /^(\d{1,15}):([0-9a-f]{64})$/.exec(kept);
    if (kept !== undefined && match === null) {
      throw new UsageMistake('--kept is a number, a colon and a hash in hex');
    }
    const checkpoint =
      match === null ? undefined : { sequence: Number(match[1]), hash: match[2] ?? '' };
    return withIdentity(io, async ({ identity, place }) => {
      const { rows, checkpoints, unsealed, last, findings } =
        await identity.audit.verify(checkpoint);
      io.stdout.write(`Data  ${place}\nEntries  ${rows}\nCheckpoints  ${checkpoints}\n`);
      if (unsealed > 0) io.stdout.write(`Not sealed yet  ${unsealed}\n`);
      if (last !== null) {
        const at = new Date(last.at).toISOString();
        io.stdout.write(`Last checkpoint  ${last.sequence}:${last.hash}  ${at}\n`);
      }
      for (const { sequence, what } of findings) {
        io.stdout.write(`Entry ${sequence}  ${meanings[what]}\n`);
      }
      io.stdout.write(findings.length === 0 ? 'The log holds\n' : 'The log does NOT hold\n');
      return findings.length === 0 ? 0 : 1;
    });
  },
});
