import { defineCommand } from '../../command.ts';
import { UsageMistake } from '../../usage-mistake.ts';
import { withOperator } from '../../with-operator.ts';
import { jsonFlag } from './key-flags.ts';
import { textOfKeys } from './key-output.ts';

const MAX = 1_000;
const statuses = ['ACTIVE', 'EXPIRED', 'REVOKED', 'DISABLED', 'QUARANTINED'] as const;
const STATUSES = 'active, expired, revoked, disabled or quarantined';

export const command = defineCommand({
  name: 'keys list',
  summary: 'Lists API keys, the newest first',
  flags: {
    owner: { type: 'string', value: 'E-MAIL', description: 'only those of this person' },
    'service-account': { type: 'string', value: 'ID', description: 'only those of this one' },
    status: { type: 'string', value: 'STATUS', description: STATUSES },
    search: { type: 'string', value: 'TEXT', description: 'part of the name, or how it begins' },
    limit: { type: 'string', value: 'N', description: 'how many', default: '100' },
    ...jsonFlag,
  },
  run: (flags, io) =>
    withOperator(io, 'keys list', async (operator) => {
      const first = Number(flags.limit);
      if (!Number.isInteger(first) || first < 1 || first > MAX) {
        throw new UsageMistake(`--limit is from 1 to ${MAX}`);
      }
      const filter = {
        email: flags.owner,
        serviceAccountId: flags['service-account'],
        status: readStatus(flags.status),
        search: flags.search,
      };
      const { keys, hasMore } = await operator.list(filter, first);
      return textOfKeys(keys, hasMore, flags.json === true);
    }),
});

function readStatus(text: string | undefined) {
  if (text === undefined) return undefined;
  const status = statuses.find((each) => each === text.toUpperCase());
  if (status === undefined) throw new UsageMistake(`--status is ${STATUSES}`);
  return status;
}
