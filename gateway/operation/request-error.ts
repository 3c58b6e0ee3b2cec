import type { DocumentNode, GraphQLError } from 'graphql';
import { CodedError, type ErrorCode } from '#contract/errors.ts';
import type { AnswerError } from '../execute/answer-errors.ts';

/** Why a request was refused before anything ran; it can have several errors of one code. */
export class RequestError extends CodedError {
  readonly errors: readonly (AnswerError & { readonly locations?: unknown })[];
  /** What graphql-js found, if it did; what a client may be told of it depends on who they are. */
  readonly mistakes: readonly GraphQLError[];
  /** The document that they are in, as the client wrote it. */
  readonly document: DocumentNode | null;

  constructor(
    code: ErrorCode,
    errors: readonly GraphQLError[] | string,
    document: DocumentNode | null = null,
  ) {
    const list = typeof errors === 'string' ? [] : errors;
    super(code, typeof errors === 'string' ? errors : list[0]?.message);
    this.mistakes = list;
    this.document = document;
    this.errors =
      typeof errors === 'string'
        ? [{ message: errors, extensions: { code } }]
        : list.map((error) => ({
            message: error.message,
            ...(error.locations !== undefined && { locations: error.locations }),
            ...(error.path !== undefined && { path: error.path }),
            extensions: { ...error.extensions, code },
          }));
  }
}
