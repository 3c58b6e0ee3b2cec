import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLSchema,
  Kind,
  type OperationDefinitionNode,
  print,
  separateOperations,
} from 'graphql';
import { fetchesOf } from '../plan/fetches-of.ts';
import type { PlanNode } from '../plan/plan.ts';
import { fillEmpty } from './fill-empty.ts';
import { keyOf, pickRootFields, rootKeys } from './pick-root-fields.ts';
import type { Operation } from './resolve-conditions.ts';

type Fragments = ReadonlyMap<string, FragmentDefinitionNode>;

/** Plans a document of one operation. */
export type PlanDocument = (
  document: string,
  operationName: string | undefined,
) => Promise<PlanNode | null>;

/**
 * The plan of an operation; null when subgraphs have nothing to do with it.
 * @throws CodedError OPERATION_UNPLANNABLE when no subgraph can be asked for one of its fields
 */
export async function planOperation(
  planDocument: PlanDocument,
  schema: GraphQLSchema,
  whole: Operation,
): Promise<PlanNode | null> {
  const { definition: operation, fragments } = fillEmpty(schema, whole);
  const fetched = pickRootFields(operation, fragments, (field) => !isSchemaField(field));
  if (fetched === null || rootKeysAreTypenames(fetched, fragments)) return null;
  // Left as it is where it can be: root fragments stay fragments.
  const isWhole = introspectionOf(operation, fragments) === null;
  const plan = await planAlone(planDocument, isWhole ? operation : fetched, fragments);
  if (plan === null || operation.operation !== 'mutation' || !hasEntities(plan)) return plan;

  // A root field of a mutation is complete, entities included, before the next one begins (GraphQL
  // specification, §6.2.2). Planners keep only the calls of root fields in order.
  const keys = rootKeys(fetched, fragments);
  if (keys.length < 2) return plan;
  const nodes: PlanNode[] = [];
  for (const key of keys) {
    const alone = pickRootFields(fetched, fragments, (field) => keyOf(field) === key);
    const node = alone && (await planAlone(planDocument, alone, fragments));
    if (node !== null) nodes.push(node);
  }
  return { kind: 'sequence', nodes };
}

/** The part of an operation that is answered from the schema; null when there is none. */
export function introspectionOf(
  operation: OperationDefinitionNode,
  fragments: Fragments,
): OperationDefinitionNode | null {
  return pickRootFields(operation, fragments, isSchemaField);
}

/** The operation as a document, with the fragments that it uses and no others. */
export function documentOf(operation: OperationDefinitionNode, fragments: Fragments): DocumentNode {
  const whole: DocumentNode = {
    kind: Kind.DOCUMENT,
    definitions: [operation, ...fragments.values()],
  };
  return separateOperations(whole)[operation.name?.value ?? ''] ?? whole;
}

function planAlone(
  plan: PlanDocument,
  operation: OperationDefinitionNode,
  fragments: Fragments,
): Promise<PlanNode | null> {
  return plan(print(documentOf(operation, fragments)), operation.name?.value);
}

function hasEntities(plan: PlanNode): boolean {
  return fetchesOf(plan).some(({ batches }) => batches.length > 0);
}

function rootKeysAreTypenames(operation: OperationDefinitionNode, fragments: Fragments): boolean {
  return (
    pickRootFields(operation, fragments, (field) => field.name.value !== '__typename') === null
  );
}

/** Planners know nothing of `__schema` and `__type`. */
function isSchemaField({ name }: FieldNode): boolean {
  return name.value === '__schema' || name.value === '__type';
}
