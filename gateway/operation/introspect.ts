import {
  type DocumentNode,
  executeSync,
  type FragmentDefinitionNode,
  type GraphQLSchema,
  type OperationDefinitionNode,
  print,
  visit,
} from 'graphql';
import { LRUCache } from 'lru-cache';
import type { Execution } from '../execute/execution.ts';
import type { JsonObject } from '../execute/json.ts';
import { documentOf } from './plan-operation.ts';
import { toClientName } from './private-names.ts';

/** How many answers to introspection are kept for a schema. They are large, and few differ. */
const MAX_ANSWERS = 8;

const answersOfSchema: WeakMap<GraphQLSchema, LRUCache<string, JsonObject>> = new WeakMap();

/** Compiles the introspection fields of an operation, which are answered from the schema that the caller sees. */
export function compileIntrospection(
  schema: GraphQLSchema,
  operation: OperationDefinitionNode,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
): (execution: Execution) => void {
  const document = documentOf(operation, fragments);
  const answer = (variables: Readonly<Record<string, unknown>>): JsonObject => {
    const variableValues = Object.fromEntries(
      (operation.variableDefinitions ?? []).map(({ variable }) => [
        variable.name.value,
        variables[toClientName(variable.name.value)],
      ]),
    );
    const { data, errors } = executeSync({ schema, document, variableValues });
    if (errors !== undefined || !data) throw errors?.[0] ?? new TypeError('no introspection');
    return { ...data };
  };
  if (usesVariables(document)) {
    return ({ data, coercedVariables }) => void Object.assign(data, answer(coercedVariables));
  }
  const text = print(document);
  let answers = answersOfSchema.get(schema);
  if (answers === undefined) {
    answers = new LRUCache({ max: MAX_ANSWERS });
    answersOfSchema.set(schema, answers);
  }
  const kept = answers;
  return ({ data }) => {
    let known = kept.get(text);
    if (known === undefined) {
      known = answer({});
      kept.set(text, known);
    }
    Object.assign(data, known);
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
