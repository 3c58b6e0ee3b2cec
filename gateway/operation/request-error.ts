import type { DocumentNode, GraphQLError } from 'graphql';
import { CodedError, type ErrorCode } from '#contract/errors.ts';
import type { AnswerError } from '../execute/answer-errors.ts';

/** Why a request was refused before anything ran; it can have several errors of one code. */
export class RequestError extends CodedError {
  readonly errors: readonly (AnswerError & { readonly locations?: unknown })[];

  constructor(code: ErrorCode, errors: readonly GraphQLError[] | string) {
    const list = typeof errors === 'string' ? [] : errors;
    super(code, typeof errors === 'string' ? errors : list[0]?.message);
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

/** A document that does not fit the schema. What a client may be told of it depends on who they are. */
export class ValidationError extends RequestError {
  readonly mistakes: readonly GraphQLError[];
  readonly document: DocumentNode;

  constructor(mistakes: readonly GraphQLError[], document: DocumentNode) {
    super('GRAPHQL_VALIDATION_FAILED', mistakes);
    this.mistakes = mistakes;
    this.document = document;
  }
}
