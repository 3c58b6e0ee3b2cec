import {
  type ASTNode,
  type DocumentNode,
  executeSync,
  type FragmentDefinitionNode,
  type GraphQLSchema,
  Kind,
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

/**
 * Compiles the introspection fields of an operation, which are answered from the schema that the caller sees;
 * that is `schema` where nobody says otherwise.
 */
export function compileIntrospection(
  schema: GraphQLSchema,
  operation: OperationDefinitionNode,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
): (execution: Execution) => void {
  const whole = documentOf(operation, fragments);
  const used = variablesOf(whole);
  // What the rest of the operation declares has no value here, and may have to have one.
  const document = visit(whole, {
    enter: (node: ASTNode) =>
      node.kind === Kind.VARIABLE_DEFINITION && !used.has(node.variable.name.value)
        ? null
        : undefined,
  });
  const answer = (
    schema: GraphQLSchema,
    variables: Readonly<Record<string, unknown>>,
  ): JsonObject => {
    const variableValues = Object.fromEntries(
      Array.from(used, (name) => [name, variables[toClientName(name)]]),
    );
    const { data, errors } = executeSync({ schema, document, variableValues });
    if (errors !== undefined || !data) throw errors?.[0] ?? new TypeError('no introspection');
    return { ...data };
  };
  const text = print(document);
  return ({ data, coercedVariables, access }) => {
    const shown = access?.schema() ?? schema;
    if (used.size > 0) {
      Object.assign(data, answer(shown, coercedVariables));
      return;
    }
    let answers = answersOfSchema.get(shown);
    if (answers === undefined) {
      answers = new LRUCache({ max: MAX_ANSWERS });
      answersOfSchema.set(shown, answers);
    }
    let known = answers.get(text);
    if (known === undefined) {
      known = answer(shown, {});
      answers.set(text, known);
    }
    Object.assign(data, known);
  };
}

/** The names of the variables that are used, which are not all that are declared. */
function variablesOf(document: DocumentNode): ReadonlySet<string> {
  const names = new Set<string>();
  visit(document, {
    enter(node: ASTNode) {
      if (node.kind === Kind.VARIABLE_DEFINITION) return false;
      if (node.kind === Kind.VARIABLE) names.add(node.name.value);
      return undefined;
    },
  });
  return names;
}
