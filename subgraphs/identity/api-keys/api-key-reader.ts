import { CodedError } from '#contract/errors.ts';
import type { IdentityDatabase } from '../database/tables.ts';
import { type ApiKeyRecord, recordColumns, recordOf } from './api-key-record.ts';
import { conditionsOf, type KeyFilter } from './key-filter.ts';

/** A page of keys, newest first. */
export interface ApiKeyPage {
  readonly records: readonly ApiKeyRecord[];
  readonly hasNextPage: boolean;
}

/** Which keys somebody may read: in one organization their own, or everybody's. */
export interface KeyReach {
  /** Null for whoever runs the store: in any. */
  readonly organization: string | null;
  /** Null for everybody's. */
  readonly ownerId: string | null;
}

export interface PageOfKeys {
  readonly first: number;
  readonly after?: string | null | undefined;
  readonly filter?: KeyFilter | null | undefined;
  /** Milliseconds since the epoch: which keys have expired. */
  readonly now: number;
}

export interface ApiKeyReader {
  /** The key, if it is within reach; somebody else's is as unknown as one that does not exist. */
  find(reach: KeyReach, id: string): Promise<ApiKeyRecord | undefined>;
  /** @throws CodedError BAD_USER_INPUT for a cursor or a filter that is none */
  list(reach: KeyReach, page: PageOfKeys): Promise<ApiKeyPage>;
}

export function createApiKeyReader(database: IdentityDatabase): ApiKeyReader {
  const within = ({ organization, ownerId }: KeyReach) => {
    let query = database.selectFrom('api_key').select(recordColumns);
    if (organization !== null) query = query.where('organization_id', '=', organization);
    if (ownerId !== null) query = query.where('owner_id', '=', ownerId);
    return query;
  };
  return {
    async find(reach, id) {
      const row = await within(reach).where('id', '=', id).executeTakeFirst();
      return row === undefined ? undefined : recordOf(row);
    },

    async list(reach, { first, after, filter, now }) {
      const start = after === undefined || after === null ? null : readCursor(after);
      let query = within(reach)
        .where((is) => is.and(conditionsOf(is, filter ?? {}, now)))
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

/** The place of a record in a list: when it was made and its id, neither of which ever changes. */
export function cursorOf(record: { readonly createdAt: number; readonly id: string }): string {
  return Buffer.from(`${record.createdAt}:${record.id}`).toString('base64url');
}

/** @throws CodedError BAD_USER_INPUT naming `after` */
export function readCursor(text: string): { readonly createdAt: number; readonly id: string } {
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
