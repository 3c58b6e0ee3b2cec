import { type DocumentNode, print } from 'graphql';
import type { HookLists, RequestContext } from '../hooks.ts';
import type { Generation } from '../supergraph/generation.ts';
import type { PreparedOperation } from './prepare.ts';
import { coerceVariables } from './variables.ts';

/** An operation as a client asks it, over whichever transport. */
export interface GraphqlRequest {
  readonly source: string;
  readonly variables: Readonly<Record<string, unknown>> | null | undefined;
  readonly operationName: string | null | undefined;
}

/** An operation with its variables, ready for a shape to be chosen and run. */
export interface ReadyOperation {
  readonly operation: PreparedOperation;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly coercedVariables: Readonly<Record<string, unknown>>;
}

/** Everything that comes between the text of an operation and running it, hooks included. */
export async function readyToRun(
  hooks: HookLists,
  { supergraph, operations }: Generation,
  { source, variables: given, operationName }: GraphqlRequest,
  context: RequestContext,
  check?: (operation: PreparedOperation) => void,
): Promise<ReadyOperation> {
  const { schema } = supergraph;
  const name = operationName || undefined;
  const { preValidation, preExecution } = hooks;
  const onNewDocument =
    preValidation === null
      ? null
      : async (document: DocumentNode): Promise<void> => {
          for (const hook of preValidation) await hook(schema, document, context);
        };
  const known = operations.get(source, name, onNewDocument);
  let operation = known instanceof Promise ? await known : known;
  if (context.ending !== undefined) context.ending.kind = operation.definition.operation;
  check?.(operation);
  let variables = given ?? {};
  let coercedVariables = coerceVariables(schema, operation.definition, variables);

  for (const hook of preExecution ?? []) {
    const change = await hook(schema, operation.document, context, { ...variables });
    if (!change) continue;
    if (change.errors) context.errors = [...(context.errors ?? []), ...change.errors];
    if (change.variables) variables = change.variables;
    if (change.document) {
      operation = await operations.get(print(change.document), name, null);
      check?.(operation);
    }
    coercedVariables = coerceVariables(schema, operation.definition, variables);
  }
  return { operation, variables, coercedVariables };
}
