import type { Resolvers } from '#subgraphs/kit/index.ts';
import type { ApiKeyRecord } from '../api-keys/api-key-record.ts';
import { invalidArgument } from '../api-keys/invalid-argument.ts';
import type { KeyUsageReader } from './key-usage-reader.ts';

const MAX_DAYS = 366;
/** What GraphQL calls an Int. */
const MAX_INT = 2_147_483_647;

/** Whoever may see a key may see how it is used: the record was found for them. */
export function keyUsageResolvers(reader: KeyUsageReader): Resolvers {
  return {
    APIKey: {
      lastUsed: async ({ id }: ApiKeyRecord) => {
        const use = await reader.lastUse(id);
        return use === undefined ? null : { ...use, address: use.network };
      },
      async usage({ id }: ApiKeyRecord, { days }: { readonly days: number }) {
        if (days < 1 || days > MAX_DAYS) {
          throw invalidArgument('days', `"days" is from 1 to ${MAX_DAYS}`);
        }
        const used = await reader.days(id, days);
        return used.map(({ day, count }) => ({ day, count: Math.min(count, MAX_INT) }));
      },
    },
  };
}
