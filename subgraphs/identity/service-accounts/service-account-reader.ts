import { createBatch } from '#subgraphs/kit/index.ts';
import { readCursor } from '../api-keys/api-key-reader.ts';
import type { IdentityDatabase } from '../database/tables.ts';
import { accountColumns, accountOf, type ServiceAccountRecord } from './service-account-record.ts';

export interface ServiceAccountReader {
  /** The service account with this id, whoever's it is. Look-ups of one turn of the event loop are one query. */
  find(id: string): Promise<ServiceAccountRecord | undefined>;
  /** An organization's, newest first; of all organizations for null. @throws CodedError BAD_USER_INPUT for a cursor that is none */
  list(
    organization: string | null,
    first: number,
    after?: string | null,
  ): Promise<{
    readonly records: readonly ServiceAccountRecord[];
    readonly hasNextPage: boolean;
  }>;
}

export function createServiceAccountReader(database: IdentityDatabase): ServiceAccountReader {
  const find = createBatch(async (ids: readonly string[]) => {
    const rows = await database
      .selectFrom('service_account')
      .select(accountColumns)
      .where('id', 'in', ids)
      .execute();
    return new Map(rows.map((row) => [row.id, accountOf(row)]));
  });
  return {
    find,
    async list(organization, first, after) {
      let query = database
        .selectFrom('service_account')
        .select(accountColumns)
        .orderBy('created_at', 'desc')
        .orderBy('id', 'desc')
        .limit(first + 1);
      if (organization !== null) query = query.where('organization_id', '=', organization);
      if (after !== undefined && after !== null) {
        const start = readCursor(after);
        query = query.where((is) =>
          is.or([
            is('created_at', '<', start.createdAt),
            is.and([is('created_at', '=', start.createdAt), is('id', '<', start.id)]),
          ]),
        );
      }
      const rows = await query.execute();
      return { records: rows.slice(0, first).map(accountOf), hasNextPage: rows.length > first };
    },
  };
}
