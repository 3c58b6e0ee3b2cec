import { print } from 'graphql';
import { compileNode, compilePlan, prepareCompilation } from '../execute/compile-plan.ts';
import type {
  Deferral,
  DeferredPart,
  DeferredShape,
  DeferredStep,
} from '../execute/deferred-shape.ts';
import { compilePart, compileProjection } from '../execute/project.ts';
import { fetchesOf } from '../plan/fetches-of.ts';
import type { Defer, Plan } from '../plan/plan.ts';
import { type PlanSource, restoreMembers } from '../plan/restore-members.ts';
import type { Supergraph } from '../supergraph/supergraph.ts';
import { withoutDenied } from './denied.ts';
import { fillEmpty } from './fill-empty.ts';
import type { OperationLimits } from './limits.ts';
import { perOutcome } from './per-outcome.ts';
import { documentOf } from './plan-operation.ts';
import { resolveConditions } from './resolve-conditions.ts';
import type { DeferredOperation, DeferredSelection } from './split-deferred.ts';

/** Plans and compiles an operation whose answer comes in parts. */
export async function planDeferred(
  supergraph: Supergraph,
  { operation, initial, parts }: DeferredOperation,
  { maxDeferredPayloads }: Pick<OperationLimits, 'maxDeferredPayloads'>,
): Promise<DeferredShape> {
  const { schema, planner, overrides, types, members } = supergraph;
  const { definition, fragments } = operation;
  const rootType = schema.getRootType(definition.operation);
  if (!rootType) throw new TypeError(`the ${definition.operation} was not checked`);
  const filled = fillEmpty(schema, withoutDenied(operation));
  const document = print(documentOf(filled.definition, filled.fragments));
  const compile = ({
    id,
    label,
    path,
    type,
    selections,
    whole,
    parts,
  }: DeferredSelection): DeferredPart => ({
    id,
    label,
    path,
    write: compilePart(supergraph, type, selections, fragments),
    writeWhole: once(() => compilePart(supergraph, type, whole, fragments)),
    parts: parts.map(compile),
  });
  // What is sent to subgraphs defers nothing.
  const { definition: undeferred } = resolveConditions(operation, {});
  const allowed = withoutDenied({ definition: undeferred, fragments });
  const source = { operation: allowed.definition, fragments: allowed.fragments, types, members };
  return {
    kind: 'deferred',
    draw: await perOutcome(overrides, async (outcome) =>
      compileDeferral(await planner.plan(document, definition.name?.value, outcome), source),
    ),
    project: compileProjection(supergraph, rootType, initial, fragments),
    projectWhole: once(() =>
      compileProjection(supergraph, rootType, undeferred.selectionSet, fragments),
    ),
    maxPayloads: maxDeferredPayloads,
    parts: parts.map(compile),
    types,
  };
}

function compileDeferral(planned: Plan | null, source: PlanSource): Deferral {
  const steps = new Map<string, DeferredStep>();
  const fetchIds = new Set(fetchesOf(planned).flatMap(({ id }) => id ?? []));
  if (planned === null) return { initial: compilePlan(null, source.types), steps, fetchIds };
  const restored = restoreMembers(planned, source);
  const { complete: plan, compilation } = prepareCompilation(restored, source.types);
  const collect = ({ deferred }: Defer): void => {
    for (const { label, after, node } of deferred) {
      // Each one was labelled by us.
      if (label === null) throw new TypeError('a deferred part has lost its id');
      const own = node?.kind === 'defer' ? node.primary.node : node;
      steps.set(label, { after, run: compileNode(own, compilation) });
      if (node?.kind === 'defer') collect(node);
    }
  };
  switch (plan.kind) {
    case 'defer':
      collect(plan);
      return { initial: compileNode(plan.primary.node, compilation), steps, fetchIds };
    case 'subscription':
      throw new TypeError(`an operation in parts has a plan of kind ${plan.kind}`);
    default:
      // The planner found nothing worth deferring.
      return { initial: compileNode(plan, compilation), steps, fetchIds };
  }
}

function once<Value extends object>(make: () => Value): () => Value {
  let made: Value | null = null;
  return () => {
    made ??= make();
    return made;
  };
}
