import { malformed, notSupported } from './errors.ts';

/** The parameters of one operation, as they came by POST or GET. */
export interface Parameters {
  query?: string | undefined;
  readonly documentId?: unknown;
  /** An object, or its JSON text in a GET. */
  readonly extensions?: unknown;
}

/** How a request names its document. */
export interface Identifier {
  readonly id: string;
  /** Whether `id` is to be the SHA-256 of the document, so that a client may register it. */
  readonly isHash: boolean;
  readonly by: 'documentId' | 'persistedQuery';
}

const SHA256_PREFIX = 'sha256:';

/**
 * The identifier in a request: `documentId` (GraphQL over HTTP, appendix "Persisted Documents"), or Apollo's
 * `extensions.persistedQuery`; null when it has neither.
 * @throws CodedError BAD_REQUEST, PERSISTED_QUERY_NOT_SUPPORTED for another version of Apollo's protocol
 */
export function identify({ documentId, extensions }: Parameters): Identifier | null {
  if (documentId !== undefined && documentId !== null) return identifyDocument(documentId);
  if (extensions === undefined || extensions === null) return null;
  const persistedQuery = objectOf(objectOf(extensions)?.persistedQuery);
  if (persistedQuery === null) return null;
  const { version, sha256Hash } = persistedQuery;
  if (version !== 1) throw notSupported();
  if (typeof sha256Hash !== 'string' || sha256Hash === '') {
    throw malformed('"extensions.persistedQuery.sha256Hash" must be a string');
  }
  return { id: sha256Hash, isHash: true, by: 'persistedQuery' };
}

function identifyDocument(documentId: unknown): Identifier {
  if (typeof documentId !== 'string' || documentId === '') {
    throw malformed('"documentId" must be a string');
  }
  const isHash = documentId.startsWith(SHA256_PREFIX);
  const id = isHash ? documentId.slice(SHA256_PREFIX.length) : documentId;
  return { id, isHash, by: 'documentId' };
}

function objectOf(value: unknown): Record<string, unknown> | null {
  const object = typeof value === 'string' ? parseJson(value) : value;
  const isObject = typeof object === 'object' && object !== null && !Array.isArray(object);
  return isObject ? (object as Record<string, unknown>) : null;
}

/** What is no JSON is told to the client where the parameters are read for good. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
