import { malformed, mismatch, notFound, notSupported, notTrusted } from './errors.ts';
import type { Identifier } from './identify.ts';
import type { RegisteredDocuments } from './registered-documents.ts';
import { sha256Hex, type TrustedDocuments } from './trusted-documents.ts';

export interface Documents {
  readonly trusted: TrustedDocuments;
  /** Null where clients may register nothing. */
  readonly registered: RegisteredDocuments | null;
  readonly onlyPersisted: boolean;
}

export interface Found {
  readonly text: string;
  /** The hash under which to keep the text once it has proved to be a valid document. */
  readonly register: string | null;
}

/**
 * The document that a request names, given the text that came along with the name, if any.
 * @throws CodedError PERSISTED_QUERY_NOT_FOUND, PERSISTED_QUERY_NOT_SUPPORTED, PERSISTED_QUERY_MISMATCH,
 *   OPERATION_NOT_TRUSTED, BAD_REQUEST
 */
export function findDocument(
  { trusted, registered, onlyPersisted }: Documents,
  { id, isHash, by }: Identifier,
  given: string | undefined,
): Found {
  const known = trusted.get(id) ?? (isHash ? registered?.get(id) : undefined);
  if (given === undefined || given === '') {
    if (known !== undefined) return { text: known, register: null };
    if (onlyPersisted) throw notTrusted();
    throw registered === null && by === 'persistedQuery' ? notSupported() : notFound();
  }
  if (known === given) return { text: known, register: null };
  if (!isHash) throw malformed('A request has a "query" or a "documentId", not both');
  if (sha256Hex(given) !== id) throw mismatch();
  return { text: given, register: registered === null ? null : id };
}
