import { type FragmentDefinitionNode, getOperationAST, Kind, parse, print } from 'graphql';
import { keyOf, pickRootFields, rootKeys } from '../operation/pick-root-fields.ts';
import { documentOf } from '../operation/plan-operation.ts';
import { fetchesOf } from './fetches-of.ts';
import type { Plan, PlanNode } from './plan.ts';

/** How Hive's planner renames a field that is required with other arguments than another one of its name. */
const RENAMED = '_internal_qp_alias_';

/**
 * Whether a plan may have mixed up whose value is whose: Hive's planner joins entities of several places into one batch
 * although a required field that it renamed has one name here and another there.
 */
export function mayMixUpNames(plan: Plan | null): boolean {
  if (plan === null) return false;
  const fetches = fetchesOf(plan);
  return (
    fetches.some(({ document }) => document.includes(RENAMED)) &&
    fetches.some(({ batches }) => batches.some(({ paths }) => paths.length > 1))
  );
}

/** Plans each root field of a query on its own; null when there is nothing to take apart. */
export async function planRootFields(
  plan: (document: string) => Promise<Plan | null>,
  document: string,
  operationName: string | undefined,
): Promise<Plan | null> {
  const parsed = parse(document, { noLocation: true });
  const operation = getOperationAST(parsed, operationName);
  if (operation?.operation !== 'query') return null;
  const fragments = new Map(
    parsed.definitions
      .filter((each): each is FragmentDefinitionNode => each.kind === Kind.FRAGMENT_DEFINITION)
      .map((fragment) => [fragment.name.value, fragment]),
  );
  const keys = rootKeys(operation, fragments);
  if (keys.length < 2) return null;
  const nodes: PlanNode[] = [];
  for (const key of keys) {
    const alone = pickRootFields(operation, fragments, (field) => keyOf(field) === key);
    const planned = alone && (await plan(print(documentOf(alone, fragments))));
    if (planned?.kind === 'defer' || planned?.kind === 'subscription') return null;
    if (planned !== null) nodes.push(planned);
  }
  return { kind: 'parallel', nodes };
}
