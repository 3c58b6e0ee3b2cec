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

/**
 * Everything that comes between the text of an operation and running it, hooks included. The result is there at
 * once where nothing has to be waited for.
 */
export function readyToRun(
  hooks: HookLists,
  { supergraph, operations }: Generation,
  { source, variables, operationName }: GraphqlRequest,
  context: RequestContext,
  check?: (operation: PreparedOperation) => void,
): ReadyOperation | Promise<ReadyOperation> {
  const { schema } = supergraph;
  const name = operationName || undefined;
  const { preValidation, preExecution } = hooks;
  const onNewDocument =
    preValidation === null
      ? null
      : async (document: DocumentNode): Promise<void> => {
          for (const hook of preValidation) await hook(schema, document, context);
        };
  const begin = (operation: PreparedOperation): ReadyOperation | Promise<ReadyOperation> => {
    if (context.ending !== undefined) context.ending.kind = operation.definition.operation;
    const ready = checked(operation, variables ?? {});
    return preExecution === null ? ready : change(ready, preExecution);
  };
  const known = operations.get(source, name, onNewDocument);
  return known instanceof Promise ? known.then(begin) : begin(known);

  function checked(
    operation: PreparedOperation,
    given: Readonly<Record<string, unknown>>,
  ): ReadyOperation {
    check?.(operation);
    const coercedVariables = coerceVariables(schema, operation.definition, given);
    return { operation, variables: given, coercedVariables };
  }

  async function change(
    first: ReadyOperation,
    changing: NonNullable<HookLists['preExecution']>,
  ): Promise<ReadyOperation> {
    let ready = first;
    for (const hook of changing) {
      const { document } = ready.operation;
      const pending = hook(schema, document, context, { ...ready.variables });
      const change = pending === undefined ? undefined : await pending;
      if (!change) continue;
      if (change.errors) context.errors = [...(context.errors ?? []), ...change.errors];
      const operation = change.document
        ? await operations.get(print(change.document), name, null)
        : ready.operation;
      ready = checked(operation, change.variables ?? ready.variables);
    }
    return ready;
  }
}
