import { type DocumentNode, print } from 'graphql';
import type { Access } from '../access.ts';
import type { HookLists, RequestContext } from '../hooks.ts';
import type { Generation } from '../supergraph/generation.ts';
import type { PreparedOperation, Variant } from './prepare.ts';
import { RequestError } from './request-error.ts';
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
  readonly variant: Variant;
  /** What the caller may not touch of it; null for everything. */
  readonly access: Access | null;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly coercedVariables: Readonly<Record<string, unknown>>;
}

/** An operation with its variables, before anybody has said who may run what of it. */
type CheckedOperation = Pick<ReadyOperation, 'operation' | 'variables' | 'coercedVariables'>;

export interface ReadyOptions {
  /** Whether the client takes an answer in parts. */
  readonly defers: boolean;
  /** Refuses operations that cannot be run this way. */
  readonly check?: (operation: PreparedOperation) => void;
  /** The same, where it depends on its variables. */
  readonly checkVariant?: (variant: Variant) => void;
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
  { defers, check, checkVariant }: ReadyOptions,
): ReadyOperation | Promise<ReadyOperation> {
  const { schema } = supergraph;
  const name = operationName || undefined;
  const { preValidation, preExecution, onAccess } = hooks;
  const onNewDocument =
    preValidation === null
      ? null
      : async (document: DocumentNode): Promise<void> => {
          for (const hook of preValidation) await hook(schema, document, context);
        };
  const begin = (operation: PreparedOperation): ReadyOperation | Promise<ReadyOperation> => {
    if (context.ending !== undefined) context.ending.kind = operation.definition.operation;
    const ready = checked(operation, variables ?? {});
    return preExecution === null ? authorize(ready) : change(ready, preExecution).then(authorize);
  };
  const known = operations.get(source, name, onNewDocument);
  return known instanceof Promise
    ? known.then(begin, (error: unknown) => refuse(error))
    : begin(known);

  function refuse(error: unknown, written?: DocumentNode): never {
    const { onMistakes } = hooks;
    if (onMistakes === null || !(error instanceof RequestError)) throw error;
    const { code, mistakes, document } = error;
    const source = document ?? written;
    if (mistakes.length === 0 || source === undefined) throw error;
    throw new RequestError(code, onMistakes(mistakes, source, supergraph, context));
  }

  function checked(
    operation: PreparedOperation,
    given: Readonly<Record<string, unknown>>,
  ): CheckedOperation {
    check?.(operation);
    try {
      const coercedVariables = coerceVariables(schema, operation.definition, given);
      return { operation, variables: given, coercedVariables };
    } catch (error) {
      return refuse(error, operation.document);
    }
  }

  async function change(
    first: CheckedOperation,
    changing: NonNullable<HookLists['preExecution']>,
  ): Promise<CheckedOperation> {
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

  function authorize(ready: CheckedOperation): ReadyOperation | Promise<ReadyOperation> {
    const { operation, variables, coercedVariables } = ready;
    const variant = operation.variantFor(coercedVariables, defers);
    checkVariant?.(variant);
    const allow = (access: Access | null): ReadyOperation => ({
      operation,
      variables,
      coercedVariables,
      variant,
      access,
    });
    if (onAccess === null) return allow(null);
    const { document } = operation;
    const asked = { supergraph, document, points: variant.points, variables: coercedVariables };
    const found = onAccess(asked, context);
    return found instanceof Promise ? found.then(allow) : allow(found);
  }
}
