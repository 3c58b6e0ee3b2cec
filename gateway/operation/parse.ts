import { type DocumentNode, GraphQLError, parse } from 'graphql';
import { checkNesting, type OperationLimits, tooLarge } from './limits.ts';
import { RequestError } from './request-error.ts';

/** Parses the text of a request within the limits. @throws RequestError GRAPHQL_PARSE_FAILED, OPERATION_TOO_LARGE */
export function parseDocument(source: string, limits: OperationLimits): DocumentNode {
  if (source.length > limits.maxDocumentLength) {
    throw new RequestError(
      'OPERATION_TOO_LARGE',
      `The document is longer than ${limits.maxDocumentLength} characters`,
    );
  }
  checkNesting(source, limits);
  try {
    return parse(source, { maxTokens: limits.maxTokens });
  } catch (error) {
    // The parser descends as deep as the document does.
    if (error instanceof RangeError) throw tooLarge('maxDepth', limits);
    if (!(error instanceof GraphQLError)) throw error;
    const tooMany = error.message.endsWith('tokens. Parsing aborted.');
    throw new RequestError(tooMany ? 'OPERATION_TOO_LARGE' : 'GRAPHQL_PARSE_FAILED', [error]);
  }
}
