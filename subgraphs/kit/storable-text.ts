import { type ASTVisitor, GraphQLError, type ValidationContext } from 'graphql';
import { CodedError, type ErrorCode } from '#contract/errors.ts';

const NUL = '\u0000';
const MESSAGE = 'Text must not contain the character U+0000';

/**
 * Validation rule: no text that is written in a document holds U+0000.
 *
 * PostgreSQL refuses that character in any text, and SQLite takes it: a subgraph that let it in would answer
 * differently on each, and fail with an error that is not the caller's to see.
 */
export function storableLiterals(context: ValidationContext): ASTVisitor {
  return {
    StringValue(node) {
      if (!node.value.includes(NUL)) return;
      const code: ErrorCode = 'BAD_USER_INPUT';
      context.reportError(new GraphQLError(MESSAGE, { nodes: node, extensions: { code } }));
    },
  };
}

/**
 * The same for the variables of a request, the representations of entities among them.
 * @throws CodedError BAD_USER_INPUT
 */
export function assertStorableVariables(variables: unknown): void {
  // A list of what is still to be seen: a deep value must not be a deep call.
  const left: unknown[] = [variables];
  while (left.length > 0) {
    const value = left.pop();
    if (typeof value === 'string') {
      if (value.includes(NUL)) throw new CodedError('BAD_USER_INPUT', MESSAGE);
    } else if (typeof value === 'object' && value !== null) {
      for (const each of Object.values(value)) left.push(each);
    }
  }
}
