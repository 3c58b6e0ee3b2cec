import { parseDateTime } from '#subgraphs/kit/index.ts';
import { defineCommand } from '../../command.ts';
import { withIdentity } from '../../open-identity.ts';
import { UsageMistake } from '../../usage-mistake.ts';

export const command = defineCommand({
  name: 'audit export',
  summary: 'Writes the audit log as JSON lines, oldest first',
  flags: {
    organization: { type: 'string', value: 'ID', description: 'the entries of one organization' },
    from: {
      type: 'string',
      value: 'TIME',
      description: 'not before, such as 2030-01-31T00:00:00Z',
    },
    to: { type: 'string', value: 'TIME', description: 'before this moment' },
  },
  async run({ organization, from, to }, io) {
    const times = { from: timeOf(from), to: timeOf(to) };
    for (const [flag, time] of Object.entries(times)) {
      if (time === null) {
        throw new UsageMistake(`--${flag} is a time such as 2030-01-31T00:00:00Z`);
      }
    }
    return withIdentity(io, async ({ identity }) => {
      const scope = organization === undefined ? ({ everything: true } as const) : { organization };
      for await (const entry of identity.audit.entries(scope, times)) {
        const line = { ...entry, at: new Date(entry.at).toISOString() };
        io.stdout.write(`${JSON.stringify(line)}\n`);
      }
      return 0;
    });
  },
});

/** Milliseconds since the epoch; undefined when no time was given, null when it is none. */
function timeOf(text: string | undefined): number | null | undefined {
  return text === undefined ? undefined : parseDateTime(text);
}
