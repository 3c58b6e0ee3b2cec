import {
  type DocumentNode,
  type FragmentDefinitionNode,
  getOperationAST,
  Kind,
  type OperationDefinitionNode,
  specifiedRules,
  validate,
} from 'graphql';
import { LRUCache } from 'lru-cache';
import type { Step } from '../execute/execution.ts';
import { compileProjection, type Projection } from '../execute/project.ts';
import type { Supergraph } from '../supergraph/supergraph.ts';
import { conditionsOf, conditionVariables, shapeOf } from './conditions.ts';
import { compileIntrospection } from './introspect.ts';
import { checkSize, type OperationLimits } from './limits.ts';
import { introspectionOf } from './plan-operation.ts';
import { planSteps } from './plan-steps.ts';
import { withPrivateNames } from './private-names.ts';
import { RequestError } from './request-error.ts';
import { noReservedKeys } from './reserved-keys.ts';
import { type Operation, resolveConditions } from './resolve-conditions.ts';

/** How many shapes of one operation (values of its @skip and @include variables) are kept compiled. */
const MAX_SHAPES = 16;

/** An operation that was parsed, validated and bounded once for all its runs, and planned once for each of its shapes. */
export interface PreparedOperation {
  readonly supergraph: Supergraph;
  readonly document: DocumentNode;
  readonly definition: OperationDefinitionNode;
  /**
   * What to run for these coerced variables; a promise while it is planned for the first time.
   *
   * What `@skip` and `@include` decide is decided before planning: planners get it wrong where they have to
   * plan for both outcomes (docs/decisions/0005).
   */
  shapeFor(variables: Readonly<Record<string, unknown>>): Shape | Promise<Shape>;
  /** The conditions of the shapes that are kept. */
  keptShapes(): readonly ShapeConditions[];
}

/** Values of an operation's condition variables, by name. */
export type ShapeConditions = Readonly<Record<string, boolean>>;

/** An operation with its conditions resolved, planned and compiled. */
export interface Shape {
  /** Puts everything that the answer needs into the execution's data. */
  readonly fetch: Step;
  readonly project: Projection;
}

/** Runs a piece of planning when there is room for it. */
export type PlanningSlots = <Result>(work: () => Promise<Result>) => Promise<Result>;

/**
 * Validates a document against the schema that clients see.
 * @throws RequestError GRAPHQL_VALIDATION_FAILED with every mistake, OPERATION_TOO_LARGE
 */
export function validateDocument(supergraph: Supergraph, document: DocumentNode): void {
  const errors = validate(supergraph.schema, document, [...specifiedRules, noReservedKeys]);
  if (errors.length > 0) throw new RequestError('GRAPHQL_VALIDATION_FAILED', errors);
}

/**
 * Prepares one operation of a valid document.
 * @throws RequestError OPERATION_RESOLUTION_FAILURE when the document and the name do not choose one,
 *   OPERATION_TOO_LARGE, GRAPHQL_VALIDATION_FAILED for what cannot be served
 */
export async function prepareOperation(
  supergraph: Supergraph,
  document: DocumentNode,
  operationName: string | undefined,
  limits: OperationLimits,
  slots: PlanningSlots,
): Promise<PreparedOperation> {
  const definition = chooseOperation(document, operationName);
  checkSize(document, definition, limits);
  if (!supergraph.schema.getRootType(definition.operation)) {
    throw new RequestError(
      'GRAPHQL_VALIDATION_FAILED',
      `This graph has no ${definition.operation} type`,
    );
  }
  if (definition.operation === 'subscription') {
    throw new RequestError(
      'GRAPHQL_VALIDATION_FAILED',
      'Subscriptions are not served over this transport',
    );
  }
  const internal = withPrivateNames(document, supergraph.types);
  const operation: Operation = {
    definition: chooseOperation(internal, operationName),
    fragments: fragmentsOf(internal),
  };
  const conditions = conditionVariables(document);
  const shapes = new LRUCache<string, Shape | Promise<Shape>>({ max: MAX_SHAPES });
  const shapeFor = (variables: Readonly<Record<string, unknown>>): Shape | Promise<Shape> => {
    const name = shapeOf(conditions, variables);
    const known = shapes.get(name);
    if (known !== undefined) return known;
    const pending = slots(() => compileShape(supergraph, resolveConditions(operation, variables)));
    shapes.set(name, pending);
    pending.then(
      (shape) => shapes.set(name, shape),
      () => shapes.delete(name),
    );
    return pending;
  };
  // The only one there is: an operation that cannot be planned is not kept.
  if (conditions.length === 0) await shapeFor({});
  const keptShapes = (): readonly ShapeConditions[] =>
    Array.from(shapes.keys(), (name) => conditionsOf(conditions, name));
  return Object.freeze({ supergraph, document, definition, shapeFor, keptShapes });
}

async function compileShape(
  supergraph: Supergraph,
  { definition, fragments }: Operation,
): Promise<Shape> {
  const { schema } = supergraph;
  const rootType = schema.getRootType(definition.operation);
  if (!rootType) throw new TypeError(`the ${definition.operation} was not checked`);
  const introspection = introspectionOf(definition, fragments);
  const introspect = introspection && compileIntrospection(schema, introspection, fragments);
  const fetch = await planSteps(supergraph, definition, fragments);
  return {
    fetch:
      introspect === null
        ? fetch
        : async (execution) => {
            introspect(execution);
            await fetch(execution);
          },
    project: compileProjection(schema, rootType, definition.selectionSet, fragments),
  };
}

function chooseOperation(
  document: DocumentNode,
  operationName: string | undefined,
): OperationDefinitionNode {
  const definition = getOperationAST(document, operationName);
  if (definition) return definition;
  throw new RequestError(
    'OPERATION_RESOLUTION_FAILURE',
    operationName === undefined
      ? 'The document must hold exactly one operation, or the request must name one'
      : `The document holds no operation named "${operationName}"`,
  );
}

function fragmentsOf(document: DocumentNode): ReadonlyMap<string, FragmentDefinitionNode> {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION)
      fragments.set(definition.name.value, definition);
  }
  return fragments;
}
