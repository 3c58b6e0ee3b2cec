import { defineCommand } from '../../command.ts';
import { UsageMistake } from '../../usage-mistake.ts';
import { withOperator } from '../../with-operator.ts';
import { jsonFlag } from '../keys/key-flags.ts';
import { textOfAccounts } from './account-output.ts';

const MAX = 1_000;

export const command = defineCommand({
  name: 'service-accounts list',
  summary: 'Lists service accounts, the newest first',
  flags: {
    organization: { type: 'string', value: 'ID', description: 'only those of this one' },
    limit: { type: 'string', value: 'N', description: 'how many', default: '100' },
    ...jsonFlag,
  },
  run: ({ organization, limit, json }, io) =>
    withOperator(io, 'service-accounts list', async (operator) => {
      const first = Number(limit);
      if (!Number.isInteger(first) || first < 1 || first > MAX) {
        throw new UsageMistake(`--limit is from 1 to ${MAX}`);
      }
      const { accounts, hasMore } = await operator.listAccounts(organization, first);
      return textOfAccounts(accounts, hasMore, json === true);
    }),
});
