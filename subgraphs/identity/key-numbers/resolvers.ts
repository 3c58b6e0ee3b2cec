import type { Resolvers } from '#subgraphs/kit/index.ts';
import type { ApiKeyRecord } from '../api-keys/api-key-record.ts';
import type { ReadKeyNumber } from './key-number-reader.ts';

/** Whoever may see a key may see its number: the record was found for them. */
export function keyNumberResolvers(readNumber: ReadKeyNumber): Resolvers {
  return { APIKey: { number: ({ id }: ApiKeyRecord) => readNumber(id) } };
}
