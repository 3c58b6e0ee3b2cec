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
  const result = getVariableValues(schema, definitions, { ...variables }, { maxErrors: 20 });
  if (result.errors !== undefined) throw new RequestError('BAD_USER_INPUT', result.errors);
  return result.coerced;
}
