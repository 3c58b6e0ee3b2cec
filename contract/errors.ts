/** What an error code stands for: its HTTP status, its default message, and the version that brought it. */
export interface ErrorEntry {
  readonly status: number;
  readonly message: string;
  readonly since: string;
}

/**
 * Every error code that Castellan can answer with. A code is never reused for another meaning.
 * `docs/errors.md` is generated from this table.
 *
 * `status` is the HTTP status when the whole request fails with it; a code on one field of a partial
 * answer does not change the status. 0 marks codes that only end a process or a command.
 */
export const errors = {
  UNAUTHENTICATED: entry(401, 'You must be authenticated to perform this action'),
  FORBIDDEN: entry(403, 'You do not have permission to perform this action'),
  PERMISSIONS_TOO_COMPLEX: entry(403, 'The permissions are too many to be combined or passed on'),
  CSRF_REJECTED: entry(403, 'A request with a session cookie must come from the same site'),
  IDENTITY_UNAVAILABLE: entry(503, 'The identity service does not answer; try again'),
  MAIL_UNAVAILABLE: entry(503, 'This server is not set up to send mail'),
  CLAIMS_KEYS_UNAVAILABLE: entry(503, 'The keys of the gateway cannot be fetched; try again'),
  BAD_REQUEST: entry(400, 'The request is not well formed'),
  BAD_USER_INPUT: entry(400, 'The input is not valid'),
  NOT_FOUND: entry(404, 'Not found'),
  RATE_LIMITED: entry(429, 'Too many tries; wait and try again'),
  ALREADY_REVOKED: entry(409, 'This API key has already been revoked'),
  KEY_EXPIRED: entry(409, 'This API key has expired'),
  KEY_LIMIT_REACHED: entry(409, 'There are as many API keys as are allowed'),
  KEY_EXISTS: entry(409, 'This key is already there'),
  KEY_POLICY_VIOLATED: entry(400, 'The key policy of the organization does not allow this'),
  ALREADY_MEMBER: entry(409, 'This person is already a member of the organization'),
  LAST_OWNER: entry(409, 'An organization keeps at least one owner who is not suspended'),
  PERSONAL_ORGANIZATION: entry(409, 'A personal organization stays with its person'),
  INVITATION_VOID: entry(410, 'This invitation holds no more'),
  NAME_TAKEN: entry(409, 'This name is taken'),
  LIMIT_REACHED: entry(409, 'A limit of this installation is reached'),
  METHOD_NOT_ALLOWED: entry(405, 'This operation cannot be sent with this HTTP method'),
  UNSUPPORTED_MEDIA_TYPE: entry(415, 'The content type of the request is not supported'),
  NOT_ACCEPTABLE: entry(406, 'None of the accepted media types can be answered'),
  PAYLOAD_TOO_LARGE: entry(413, 'The request body is too large'),
  GRAPHQL_PARSE_FAILED: entry(400, 'The GraphQL document has a syntax error'),
  GRAPHQL_VALIDATION_FAILED: entry(400, 'The operation does not fit the schema'),
  OPERATION_RESOLUTION_FAILURE: entry(400, 'The document does not say which operation to run'),
  OPERATION_TOO_LARGE: entry(400, 'The operation is larger than this gateway allows'),
  OPERATION_TOO_EXPENSIVE: entry(400, 'The operation costs more than this gateway allows'),
  OPERATION_UNPLANNABLE: entry(400, 'The subgraphs cannot be asked for this operation'),
  PERSISTED_QUERY_NOT_FOUND: entry(404, 'PersistedQueryNotFound'),
  PERSISTED_QUERY_NOT_SUPPORTED: entry(400, 'PersistedQueryNotSupported'),
  PERSISTED_QUERY_MISMATCH: entry(400, 'The hash is not the one of the document'),
  OPERATION_NOT_TRUSTED: entry(403, 'Only the trusted documents of this gateway may be run'),
  BATCH_TOO_LARGE: entry(400, 'The batch holds more operations than this gateway allows'),
  SUPERGRAPH_CHANGED: entry(409, 'The supergraph has changed and the operation no longer fits it'),
  SUBGRAPH_UNAVAILABLE: entry(502, 'A subgraph does not answer'),
  SUBGRAPH_INVALID_RESPONSE: entry(502, 'A subgraph gave an answer that is not GraphQL'),
  SUBSCRIPTION_OVERRUN: entry(503, 'The subscriber reads events slower than they come'),
  CLIENT_CLOSED_REQUEST: entry(499, 'The client has left before it was answered'),
  INTERNAL_SERVER_ERROR: entry(500, 'Something went wrong inside the server'),
  OVERLOADED: entry(503, 'The server has too much to do; try again'),
  SHUTTING_DOWN: entry(503, 'The server is shutting down; try again'),
  CONFIGURATION_INVALID: entry(0, 'The configuration is not valid'),
  PORT_IN_USE: entry(0, 'The port is already in use'),
  WORKERS_FAILED: entry(0, 'The workers of the gateway die again and again'),
  DATA_FOLDER_UNUSABLE: entry(0, 'The data folder cannot be used'),
  DATABASE_UNAVAILABLE: entry(0, 'The database cannot be reached'),
  SUPERGRAPH_INVALID: entry(0, 'The supergraph cannot be loaded'),
  SUPERGRAPH_CONFIG_INVALID: entry(0, 'supergraph.yaml is not valid'),
} as const satisfies Record<string, ErrorEntry>;

export type ErrorCode = keyof typeof errors;

/**
 * An error that a caller may see: a code of the registry, a message without secrets, and extensions.
 *
 * graphql-js copies `extensions` into the answer and Fastify reads `statusCode`, so throwing one is enough
 * in a resolver, a hook or a route.
 */
export class CodedError extends Error {
  override readonly name = 'CodedError';
  readonly code: ErrorCode;
  readonly statusCode: number;
  readonly extensions: Readonly<Record<string, unknown>>;

  constructor(
    code: ErrorCode,
    message: string = errors[code].message,
    options: { readonly extensions?: Record<string, unknown>; readonly cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.statusCode = errors[code].status || 500;
    this.extensions = Object.freeze({ ...options.extensions, code });
  }
}

function entry(status: number, message: string, since = '0.1.0'): ErrorEntry {
  return Object.freeze({ status, message, since });
}
