import { type GraphQLSchema, getVariableValues, type OperationDefinitionNode } from 'graphql';
import { RequestError } from './request-error.ts';

const none: Readonly<Record<string, unknown>> = Object.freeze({});

/**
 * Coerces the variables of a request (GraphQL specification, §6.1.2).
 * @throws RequestError BAD_USER_INPUT with every mistake
 */
export function coerceVariables(
  schema: GraphQLSchema,
  operation: OperationDefinitionNode,
  variables: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const definitions = operation.variableDefinitions ?? [];
  if (definitions.length === 0) return none;
  const result = withinStack(() =>
    getVariableValues(schema, definitions, { ...variables }, { maxErrors: 20 }),
  );
  if (result.errors !== undefined) throw new RequestError('BAD_USER_INPUT', result.errors);
  return result.coerced;
}

/**
 * Does what recurses over the values of a client, which JSON.parse reads to any depth.
 * @throws RequestError BAD_USER_INPUT when they are deeper than the stack
 */
export function withinStack<Result>(work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new RequestError('BAD_USER_INPUT', 'The variables are nested too deeply');
  }
}
