import { print } from 'graphql';
import { compilePlan } from '../execute/compile-plan.ts';
import type {
  Deferral,
  DeferredPart,
  DeferredShape,
  DeferredStep,
} from '../execute/deferred-shape.ts';
import type { Step } from '../execute/execution.ts';
import { compilePart, compileProjection } from '../execute/project.ts';
import type { Defer, Plan, PlanNode } from '../plan/plan.ts';
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
    write: compilePart(schema, type, selections, fragments),
    writeWhole: once(() => compilePart(schema, type, whole, fragments)),
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
    project: compileProjection(schema, rootType, initial, fragments),
    projectWhole: once(() =>
      compileProjection(schema, rootType, undeferred.selectionSet, fragments),
    ),
    maxPayloads: maxDeferredPayloads,
    parts: parts.map(compile),
    types,
  };
}

function compileDeferral(plan: Plan | null, source: PlanSource): Deferral {
  const compile = (node: PlanNode | null): Step =>
    compilePlan(node && restoreMembers(node, source), source.types);
  const steps = new Map<string, DeferredStep>();
  const ids = new Set<string>();
  const collect = ({ deferred, primary }: Defer): void => {
    addFetchIds(primary.node, ids);
    for (const { label, after, node } of deferred) {
      // Each one was labelled by us.
      if (label === null) throw new TypeError('a deferred part has lost its id');
      const own = node?.kind === 'defer' ? node.primary.node : node;
      addFetchIds(own, ids);
      steps.set(label, { after, run: compile(own) });
      if (node?.kind === 'defer') collect(node);
    }
  };
  switch (plan?.kind) {
    case 'defer':
      collect(plan);
      return { initial: compile(plan.primary.node), steps, fetchIds: ids };
    case 'subscription':
      throw new TypeError(`an operation in parts has a plan of kind ${plan.kind}`);
    default:
      // The planner found nothing worth deferring.
      return { initial: compile(plan ?? null), steps, fetchIds: ids };
  }
}

function once<Value extends object>(make: () => Value): () => Value {
  let made: Value | null = null;
  return () => {
    made ??= make();
    return made;
  };
}

function addFetchIds(node: PlanNode | null, ids: Set<string>): void {
  switch (node?.kind) {
    case 'fetch':
      if (node.id !== null) ids.add(node.id);
      break;
    case 'sequence':
    case 'parallel':
      for (const each of node.nodes) addFetchIds(each, ids);
  }
}
