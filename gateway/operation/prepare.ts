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
import { conditionVariables, includedBy, shapeOf } from './conditions.ts';
import { compileIntrospection } from './introspect.ts';
import { checkSize, type OperationLimits } from './limits.ts';
import { introspectionOf } from './plan-operation.ts';
import { planSteps } from './plan-steps.ts';
import { withPrivateNames } from './private-names.ts';
import { RequestError } from './request-error.ts';
import { noReservedKeys } from './reserved-keys.ts';

/** How many shapes of one operation (values of its @skip and @include variables) are kept compiled. */
const MAX_SHAPES = 32;

/** An operation that was parsed, validated, planned and compiled, once for all its runs. */
export interface PreparedOperation {
  readonly supergraph: Supergraph;
  readonly document: DocumentNode;
  readonly definition: OperationDefinitionNode;
  /** Puts everything that the operation needs into the execution's data. */
  readonly run: Step;
  /** The writer of the answer for these coerced variables. */
  projectionFor(variables: Readonly<Record<string, unknown>>): Projection;
}

/**
 * Validates a document against the schema that clients see.
 * @throws RequestError GRAPHQL_VALIDATION_FAILED with every mistake, OPERATION_TOO_LARGE
 */
export function validateDocument(supergraph: Supergraph, document: DocumentNode): void {
  const errors = validate(supergraph.schema, document, [...specifiedRules, noReservedKeys]);
  if (errors.length > 0) throw new RequestError('GRAPHQL_VALIDATION_FAILED', errors);
}

/**
 * Plans and compiles one operation of a valid document.
 * @throws RequestError OPERATION_RESOLUTION_FAILURE when the document and the name do not choose one,
 *   OPERATION_TOO_LARGE, GRAPHQL_VALIDATION_FAILED for what cannot be served
 */
export async function prepareOperation(
  supergraph: Supergraph,
  document: DocumentNode,
  operationName: string | undefined,
  limits: OperationLimits,
): Promise<PreparedOperation> {
  const definition = chooseOperation(document, operationName);
  checkSize(document, definition, limits);
  const rootType = supergraph.schema.getRootType(definition.operation);
  if (!rootType) {
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
  const internal = withPrivateNames(document, supergraph.types.fieldNames);
  const operation = chooseOperation(internal, operationName);
  const fragments = fragmentsOf(internal);
  const introspection = introspectionOf(operation, fragments);
  const fetch = await planSteps(supergraph, operation, fragments);
  const introspect =
    introspection === null
      ? null
      : compileIntrospection(supergraph.schema, introspection, fragments);

  const conditions = conditionVariables(document);
  const projections = new LRUCache<string, Projection>({ max: MAX_SHAPES });
  return Object.freeze({
    supergraph,
    document,
    definition,
    run:
      introspect === null
        ? fetch
        : async (execution) => {
            introspect(execution);
            await fetch(execution);
          },
    projectionFor(variables: Readonly<Record<string, unknown>>): Projection {
      const shape = shapeOf(conditions, variables);
      let projection = projections.get(shape);
      if (projection === undefined) {
        const included = includedBy({ ...variables });
        projection = compileProjection(
          supergraph.schema,
          rootType,
          operation.selectionSet,
          fragments,
          included,
        );
        projections.set(shape, projection);
      }
      return projection;
    },
  });
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
