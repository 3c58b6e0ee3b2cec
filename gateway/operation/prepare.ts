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
import { CodedError } from '#contract/errors.ts';
import { keyOfDenials } from '../access.ts';
import type { Denials } from '../execute/answer-errors.ts';
import type { CompiledSubscription } from '../execute/compile-subscription.ts';
import type { DeferredShape } from '../execute/deferred-shape.ts';
import type { Step } from '../execute/execution.ts';
import { compileProjection, type Projection } from '../execute/project.ts';
import type { Supergraph } from '../supergraph/supergraph.ts';
import { type AccessPoints, collectAccessPoints } from './access-points.ts';
import { conditionsOf, conditionVariables, shapeOf } from './conditions.ts';
import { deferRules } from './defer-rules.ts';
import { markDenied, withoutDenied } from './denied.ts';
import { compileIntrospection } from './introspect.ts';
import { checkSize, type OperationLimits } from './limits.ts';
import { planDeferred } from './plan-deferred.ts';
import { introspectionOf } from './plan-operation.ts';
import { planSteps, planSubscription } from './plan-steps.ts';
import { withPrivateNames } from './private-names.ts';
import { RequestError } from './request-error.ts';
import { noReservedKeys } from './reserved-keys.ts';
import { type Operation, resolveConditions } from './resolve-conditions.ts';
import { canComeInParts, hasDefer, splitDeferred } from './split-deferred.ts';

/** How many variants of one operation (values of its @skip and @include variables) are kept. */
const MAX_VARIANTS = 16;

/** How many shapes of one variant (what different callers may not touch) are kept compiled. */
const MAX_SHAPES = 16;

/** An operation that was parsed, validated and bounded once for all its runs, and planned once for each of its shapes. */
export interface PreparedOperation {
  readonly supergraph: Supergraph;
  readonly document: DocumentNode;
  readonly definition: OperationDefinitionNode;
  /**
   * The operation for these coerced variables. `defers` is whether the client takes an answer in parts.
   *
   * What `@skip`, `@include` and `@defer` decide is decided before planning: planners get it wrong where they
   * have to plan for both outcomes (docs/decisions/0005).
   */
  variantFor(variables: Readonly<Record<string, unknown>>, defers?: boolean): Variant;
  /** What chose the variants that are kept. */
  keptShapes(): readonly ShapeChoice[];
}

/** An operation with its conditions resolved. It is planned when somebody may run it, for what they may run of it. */
export interface Variant {
  /** What it would touch. */
  readonly points: AccessPoints;
  /** Whether running it changes something: a mutation does, and so does a query field with side effects. */
  readonly changes: boolean;
  /** What to run; a promise while it is planned for the first time. `denials` says what is left out of the plan. */
  shapeFor(denials: Denials | null): Shape | Promise<Shape>;
}

/** What chooses a shape: the values of an operation's condition variables, and whether it may come in parts.*/
export interface ShapeChoice {
  readonly conditions: Readonly<Record<string, boolean>>;
  readonly defers: boolean;
}

/** An operation with its conditions resolved, planned and compiled. */
export type Shape = WholeShape | DeferredShape | SubscriptionShape;

/** One answer in one piece. */
export interface WholeShape {
  readonly kind: 'whole';
  /** Puts everything that the answer needs into the execution's data. */
  readonly fetch: Step;
  /** The subgraphs that are called for it at most. */
  readonly subgraphs: () => Promise<readonly string[]>;
  readonly project: Projection;
}

/** An answer for each event of a stream. */
export interface SubscriptionShape {
  readonly kind: 'subscription';
  readonly draw: () => CompiledSubscription | Promise<CompiledSubscription>;
  readonly project: Projection;
}

/**
 * Validates a document against the schema that clients see.
 * @throws RequestError GRAPHQL_VALIDATION_FAILED with every mistake, OPERATION_TOO_LARGE
 */
export function validateDocument(supergraph: Supergraph, document: DocumentNode): void {
  const errors = validate(supergraph.schema, document, rules);
  if (errors.length > 0) throw new RequestError('GRAPHQL_VALIDATION_FAILED', errors, document);
}

const rules = [...specifiedRules, noReservedKeys, ...deferRules];

/**
 * Prepares one operation of a valid document. `sideEffects` are the coordinates of query fields that change something.
 * @throws RequestError OPERATION_RESOLUTION_FAILURE when the document and the name do not choose one,
 *   OPERATION_TOO_LARGE, GRAPHQL_VALIDATION_FAILED for what cannot be served
 */
export async function prepareOperation(
  supergraph: Supergraph,
  document: DocumentNode,
  operationName: string | undefined,
  limits: OperationLimits,
  sideEffects: ReadonlySet<string> = none,
): Promise<PreparedOperation> {
  const definition = chooseOperation(document, operationName);
  checkSize(document, definition, limits);
  if (!supergraph.schema.getRootType(definition.operation)) {
    throw new RequestError(
      'GRAPHQL_VALIDATION_FAILED',
      `This graph has no ${definition.operation} type`,
    );
  }
  const internal = withPrivateNames(document, supergraph.types);
  const operation: Operation = {
    definition: chooseOperation(internal, operationName),
    fragments: fragmentsOf(internal),
  };
  const conditions = conditionVariables(document);
  const canDefer = supergraph.planner.defers && hasDefer(document) && canComeInParts(operation);
  const variants = new LRUCache<string, Variant>({ max: MAX_VARIANTS });
  const variantFor = (variables: Readonly<Record<string, unknown>>, defers = false): Variant => {
    const inParts = defers && canDefer;
    const name = (inParts ? IN_PARTS : '') + shapeOf(conditions, variables);
    let variant = variants.get(name);
    if (variant === undefined) {
      const resolved = resolveConditions(operation, variables, inParts);
      variant = createVariant(supergraph, resolved, { inParts, limits, sideEffects });
      variants.set(name, variant);
    }
    return variant;
  };
  const keptShapes = (): readonly ShapeChoice[] =>
    Array.from(variants.keys(), (name) => {
      const defers = name.startsWith(IN_PARTS);
      return { conditions: conditionsOf(conditions, defers ? name.slice(1) : name), defers };
    });
  return Object.freeze({ supergraph, document, definition, variantFor, keptShapes });
}

/** The name of a variant begins with it when the answer comes in parts. */
const IN_PARTS = '+';

const none: ReadonlySet<string> = new Set();

interface VariantOptions {
  readonly inParts: boolean;
  readonly limits: OperationLimits;
  readonly sideEffects: ReadonlySet<string>;
}

function createVariant(
  supergraph: Supergraph,
  operation: Operation,
  { inParts, limits, sideEffects }: VariantOptions,
): Variant {
  const points = collectAccessPoints(supergraph.coordinates, operation);
  const shapes = new LRUCache<string, Shape | Promise<Shape>>({ max: MAX_SHAPES });
  const compile = (denials: Denials | null): Shape | Promise<Shape> => {
    const name = keyOfDenials(denials);
    let isLasting = true;
    const compileNow = async (): Promise<Shape> => {
      const denied = points.points.filter(({ index }) => denials?.has(index));
      const marked = denied.length === 0 ? operation : markDenied(operation, denied);
      if (!inParts) return compileShape(supergraph, marked);
      const parts = await compileParts(supergraph, marked, limits);
      isLasting = parts !== 'not now';
      return parts === null || parts === 'not now'
        ? compileShape(supergraph, resolveConditions(marked, {}))
        : parts;
    };
    const pending = compileNow();
    shapes.set(name, pending);
    pending.then(
      (shape) => (isLasting ? shapes.set(name, shape) : shapes.delete(name)),
      () => shapes.delete(name),
    );
    return pending;
  };
  return {
    points,
    changes: points.operation === 'mutation' || asksForAny(points, sideEffects),
    shapeFor: (denials) => shapes.get(keyOfDenials(denials)) ?? compile(denials),
  };
}

function asksForAny({ points }: AccessPoints, coordinates: ReadonlySet<string>): boolean {
  if (coordinates.size === 0) return false;
  return points.some(
    ({ isRoot, field }) => isRoot && field !== null && coordinates.has(field.coordinate),
  );
}

/**
 * The operation in parts; null when nothing of it is deferred, or when it cannot be planned so: there are
 * operations of which the planner that defers makes no plan, or none in time, and a server need not defer.
 * 'not now' when that planner has too much to do.
 */
async function compileParts(
  supergraph: Supergraph,
  operation: Operation,
  limits: OperationLimits,
): Promise<DeferredShape | 'not now' | null> {
  const deferred = splitDeferred(supergraph.schema, operation);
  if (deferred === null) return null;
  try {
    return await planDeferred(supergraph, deferred, limits);
  } catch (error) {
    // A mistake of ours, and no refusal of the planner's.
    if (error instanceof TypeError) throw error;
    if (!(error instanceof CodedError) || error.statusCode !== 503) return null;
    if (error.code !== 'OVERLOADED') throw error;
    return 'not now';
  }
}

async function compileShape(supergraph: Supergraph, operation: Operation): Promise<Shape> {
  const { schema } = supergraph;
  const { definition, fragments } = operation;
  const allowed = withoutDenied(operation);
  const rootType = schema.getRootType(definition.operation);
  if (!rootType) throw new TypeError(`the ${definition.operation} was not checked`);
  if (definition.operation === 'subscription') {
    return {
      kind: 'subscription',
      draw: await planSubscription(supergraph, allowed),
      project: compileProjection(supergraph, rootType, definition.selectionSet, fragments),
    };
  }
  const introspection = introspectionOf(allowed.definition, allowed.fragments);
  const introspect =
    introspection && compileIntrospection(schema, introspection, allowed.fragments);
  const { fetch, subgraphs } = await planSteps(supergraph, allowed.definition, allowed.fragments);
  return {
    kind: 'whole',
    subgraphs,
    fetch:
      introspect === null
        ? fetch
        : async (execution) => {
            introspect(execution);
            await fetch(execution);
          },
    project: compileProjection(supergraph, rootType, definition.selectionSet, fragments),
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
