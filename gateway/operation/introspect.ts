import {
  type DocumentNode,
  executeSync,
  type FragmentDefinitionNode,
  type GraphQLSchema,
  type OperationDefinitionNode,
  visit,
} from 'graphql';
import type { Execution } from '../execute/execution.ts';
import type { JsonObject } from '../execute/json.ts';
import { documentOf } from './plan-operation.ts';

/**
 * Compiles the introspection fields of an operation. They are answered from the schema that the caller sees,
 * once for all runs when they depend on no variable.
 */
export function compileIntrospection(
  schema: GraphQLSchema,
  operation: OperationDefinitionNode,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
): (execution: Execution) => void {
  const document = documentOf(operation, fragments);
  const isConstant = !usesVariables(document);
  let constant: JsonObject | null = null;

  return ({ data, coercedVariables }) => {
    if (constant !== null) {
      Object.assign(data, constant);
      return;
    }
    const result = executeSync({ schema, document, variableValues: coercedVariables });
    if (result.errors !== undefined || !result.data) {
      throw result.errors?.[0] ?? new TypeError('introspection has no answer');
    }
    const answer: JsonObject = { ...result.data };
    if (isConstant) constant = answer;
    Object.assign(data, answer);
  };
}

function usesVariables(document: DocumentNode): boolean {
  let found = false;
  visit(document, {
    OperationDefinition: {
      enter: (node) => ({ ...node, variableDefinitions: [] }),
    },
    Variable() {
      found = true;
    },
  });
  return found;
}
