import type { Caller } from '#contract/caller.ts';
import { CodedError } from '#contract/errors.ts';
import { encodeCondition } from '#contract/permissions/conditions/encode-condition.ts';
import { encodeGrant } from '#contract/permissions/make-grant.ts';
import type { Access, AccessPoint, FieldCoordinate, InspectedOperation } from '#gateway/plugin.ts';
import { fieldsOf, judgeAsked } from '../arguments.ts';
import type { Authorizer, Judgement } from '../authorize.ts';
import type { CallerView } from '../caller-view.ts';
import { policiesFor, policiesOf } from '../policies.ts';
import type { Reason, Verdict } from '../rules/judge.ts';

/** `AccessExplanation` of the schema. */
export interface AccessExplanation {
  readonly outcome: 'ALLOWED' | 'PARTIAL' | 'DENIED';
  readonly code: string | null;
  readonly mode: 'FILTER' | 'REJECT' | 'HIDE' | 'DRY_RUN';
  readonly fields: readonly FieldAccess[];
  readonly subgraphs: readonly string[];
  readonly policies: readonly { readonly name: string; readonly granted: boolean | null }[];
}

interface FieldAccess {
  readonly path: readonly string[];
  readonly coordinate: string;
  readonly outcome: 'ALLOW' | 'DENY' | 'CONDITIONAL';
  readonly decidedBy: { readonly directive: string | null; readonly grants: unknown } | null;
  readonly missing: string | null;
  readonly conditions: readonly Readonly<Record<string, unknown>>[];
  readonly policies: readonly string[];
}

export interface ExplainedRequest {
  readonly caller: Caller;
  /** The policies that let the caller; null when none was asked: then it is told what depends on them. */
  readonly granted: ReadonlySet<string> | null;
  /** The policies that matter to the operation. */
  readonly needed: ReadonlySet<string>;
  readonly mode: AccessExplanation['mode'];
}

/** What would become of an operation: by the same judgement, enforcement and plan as when it is asked. */
export async function explainOperation(
  authorizer: Authorizer,
  asked: InspectedOperation,
  { caller, granted, needed, mode }: ExplainedRequest,
): Promise<AccessExplanation> {
  const callerView = authorizer.views.viewFor(caller, asked.supergraph.coordinates);
  const judgement = authorizer.judge(asked, caller, callerView, granted);
  const isOpen = granted === null && needed.size > 0;
  const surely = isOpen ? authorizer.judge(asked, caller, callerView, new Set()) : judgement;
  const fields = asked.points.points.map((point) => {
    const undecided = judgement.denied.has(point) !== surely.denied.has(point);
    return explainField(asked, caller, point, judgement, granted, undecided);
  });
  const policies = [...needed].sort().map((name) => ({
    name,
    granted: granted?.has(name) ?? null,
  }));
  let access: Access | null;
  try {
    access = authorizer.enforce(asked, caller, granted, null);
  } catch (error) {
    if (!(error instanceof CodedError)) throw error;
    return { outcome: 'DENIED', code: error.code, mode, fields, subgraphs: [], policies };
  }
  const subgraphs = await asked.subgraphsFor(access?.denials ?? null);
  const roots = asked.points.points.filter(({ isRoot }) => isRoot);
  const denials = access?.denials ?? new Map();
  const isNothingLeft = roots.length > 0 && roots.every(({ index }) => denials.has(index));
  const outcome = denials.size === 0 ? 'ALLOWED' : isNothingLeft ? 'DENIED' : 'PARTIAL';
  return { outcome, code: null, mode, fields, subgraphs, policies };
}

function explainField(
  { variables }: InspectedOperation,
  caller: Caller,
  point: AccessPoint,
  { callerView, denied }: Judgement,
  granted: ReadonlySet<string> | null,
  isUndecided: boolean,
): FieldAccess {
  const { field, path, node } = point;
  const refusal = denied.get(point);
  const coordinate = field?.coordinate ?? `Query.${node.name.value}`;
  const isGranted = (name: string): boolean => granted?.has(name) ?? true;
  const verdict =
    field === null ? null : judgeAsked(callerView, caller, field, point, variables, isGranted);
  const shown = { path, coordinate, decidedBy: verdict && reasonOf(verdict, refusal) };
  if (refusal !== undefined) {
    const { missing } = refusal;
    return { ...shown, outcome: 'DENY', missing, conditions: [], policies: [] };
  }
  const conditions = verdict?.outcome === 'conditional' ? verdict.alternatives : [];
  const isConditional = isUndecided || verdict?.outcome === 'conditional';
  return {
    ...shown,
    outcome: isConditional ? 'CONDITIONAL' : 'ALLOW',
    missing: null,
    conditions: distinct(
      conditions.map(({ where, ...places }) => ({
        ...places,
        ...(where !== undefined && { where: encodeCondition(where) }),
      })),
    ),
    policies: isUndecided && field !== null ? decisivePolicies(callerView, field) : [],
  };
}

/** The policies that a field depends on. Its arguments can leave of what it returns only what a policy decides about. */
function decisivePolicies(callerView: CallerView, field: FieldCoordinate): readonly string[] {
  const own = policiesFor(callerView, [field]);
  const names = own.size > 0 ? own : policiesOf(callerView.rules, fieldsOf(field));
  return [...names].sort();
}

/** A field can be denied for something that it depends on, although its own verdict is better: `missing` tells then. */
function reasonOf(verdict: Verdict, refusal: object | undefined): FieldAccess['decidedBy'] {
  if (refusal !== undefined && verdict.outcome !== 'deny') return null;
  const { by }: { readonly by: Reason } = verdict;
  if (by.kind === 'directive') return { directive: by.directive, grants: [] };
  if (by.grants.length === 0 && verdict.outcome !== 'deny') return null;
  return { directive: null, grants: by.grants.map(encodeGrant) };
}

/** Many fields lend the same grant to a field that leads to them. */
function distinct<Value>(values: readonly Value[]): readonly Value[] {
  return [...new Map(values.map((value) => [JSON.stringify(value), value])).values()];
}
