import { CodedError } from '#contract/errors.ts';
import type { IdentityDatabase } from '../database/tables.ts';
import { type ApiKeyRecord, recordColumns, recordOf } from './api-key-record.ts';

/** A page of keys, newest first. */
export interface ApiKeyPage {
  readonly records: readonly ApiKeyRecord[];
  readonly hasNextPage: boolean;
}

export interface ApiKeyReader {
  /** The key, if it is this person's; somebody else's is as unknown as one that does not exist. */
  find(ownerId: string, id: string): Promise<ApiKeyRecord | undefined>;
  /** @throws CodedError BAD_USER_INPUT for a cursor that is none */
  list(ownerId: string, first: number, after?: string | null): Promise<ApiKeyPage>;
}

export function createApiKeyReader(database: IdentityDatabase): ApiKeyReader {
  return {
    async find(ownerId, id) {
      const row = await database
        .selectFrom('api_key')
        .select(recordColumns)
        .where('id', '=', id)
        .where('owner_id', '=', ownerId)
        .executeTakeFirst();
      return row === undefined ? undefined : recordOf(row);
    },

    async list(ownerId, first, after) {
      const start = after === undefined || after === null ? null : readCursor(after);
      let query = database
        .selectFrom('api_key')
        .select(recordColumns)
        .where('owner_id', '=', ownerId)
        .orderBy('created_at', 'desc')
        .orderBy('id', 'desc')
        .limit(first + 1);
      if (start !== null) {
        query = query.where((is) =>
          is.or([
            is('created_at', '<', start.createdAt),
            is.and([is('created_at', '=', start.createdAt), is('id', '<', start.id)]),
          ]),
        );
      }
      const rows = await query.execute();
      return {
        records: rows.slice(0, first).map(recordOf),
        hasNextPage: rows.length > first,
      };
    },
  };
}

/** The place of a key in the list: when it was made and its id, neither of which ever changes. */
export function cursorOf(record: ApiKeyRecord): string {
  return Buffer.from(`${record.createdAt}:${record.id}`).toString('base64url');
}

function readCursor(text: string): { readonly createdAt: number; readonly id: string } {
  const match = /^(\d{1,15}):([0-9A-Za-z_]{1,64})$/.exec(
    Buffer.from(text, 'base64url').toString('latin1'),
  );
  if (match === null) {
    throw new CodedError('BAD_USER_INPUT', '"after" is not a cursor of this list', {
      extensions: { argument: 'after' },
    });
  }
  return { createdAt: Number(match[1]), id: match[2] ?? '' };
}
