import type { Caller } from '#contract/caller.ts';
import { evaluate } from '#contract/permissions/conditions/evaluate-condition.ts';
import { type Decision, decide, type Residual } from '#contract/permissions/decide.ts';
import type { Grant } from '#contract/permissions/grant.ts';
import type { FieldCoordinate } from '#gateway/plugin.ts';
import { type Alternatives, describe, isMet } from './alternatives.ts';
import type { Rules } from './rules.ts';

/** What the arguments of a request tell of the records that it asks for. */
export interface Told {
  readonly stage?: string | undefined;
  readonly locale?: string | undefined;
  /** The fields of a record's key that name it. */
  readonly record?: Readonly<Record<string, unknown>>;
}

/** What is said of one field by itself; what it stands for in the graph is the view's business. */
export type Verdict =
  | { readonly outcome: 'allow'; readonly by: Reason }
  | {
      readonly outcome: 'conditional';
      readonly by: Reason;
      readonly alternatives: readonly Residual[];
    }
  | { readonly outcome: 'deny'; readonly by: Reason; readonly missing: string };

/** What decided: a directive, or grants; none when it is a grant that is missing. */
export type Reason =
  | { readonly kind: 'directive'; readonly directive: string }
  | { readonly kind: 'grants'; readonly grants: readonly Grant[] };

const noGrants: Reason = Object.freeze({ kind: 'grants', grants: Object.freeze([]) });

/** How each policy was decided; what is not in it is denied. */
export type PolicyOutcomes = (name: string) => boolean;

/**
 * Judges one field: directives first, then grants, those that it borrows included.
 *
 * Pure: the same for the view, the arguments of a request and `explainAccess`.
 */
export function judge(
  rules: Rules,
  caller: Caller,
  field: FieldCoordinate,
  isGranted: PolicyOutcomes,
  told: Told = {},
): Verdict {
  const refusal = refusedByDirective(rules, caller, field, isGranted);
  if (refusal !== null) return refusal;
  const entry = rules.entryOf(field);
  if (entry.isForAnyone) {
    return { outcome: 'allow', by: { kind: 'directive', directive: '@access(by: "anyone")' } };
  }
  if (entry.sessions !== null) {
    const by: Reason = { kind: 'directive', directive: '@access(by: "session")' };
    if (caller.kind === 'session') return { outcome: 'allow', by };
    if (entry.sessions === 'alone') return { outcome: 'deny', by, missing: 'a session' };
  }
  // What an interface stands for is decided by its types; see `createView`.
  if (field.type.kind === 'interface' && field.type.members.length > 0) {
    return { outcome: 'allow', by: noGrants };
  }
  const own = granted(rules, caller, field, told);
  if (own.outcome === 'allow') return own;
  const conditional = own.outcome === 'conditional' ? [own] : [];
  for (const lender of rules.lentTo(field)) {
    const lent = granted(rules, caller, lender, told);
    if (lent.outcome === 'allow') return lent;
    if (lent.outcome === 'conditional') conditional.push(lent);
  }
  if (conditional.length === 0) return own;
  return {
    outcome: 'conditional',
    by: { kind: 'grants', grants: distinct(conditional.flatMap((each) => grantsOf(each.by))) },
    alternatives: conditional.flatMap((each) => each.alternatives),
  };
}

function refusedByDirective(
  rules: Rules,
  caller: Caller,
  field: FieldCoordinate,
  isGranted: PolicyOutcomes,
): Verdict | null {
  const { authenticated, scopes, policies } = rules.requirementOf(field);
  if (authenticated && caller.kind === 'anonymous') {
    return refused('@authenticated', 'authentication');
  }
  const has = (scope: string): boolean => caller.permissions.scopes.includes(scope);
  for (const each of scopes) {
    if (!isMet(each, has)) return refused('@requiresScopes', `scope ${said(each)}`);
  }
  for (const each of policies) {
    if (!isMet(each, isGranted)) return refused('@policy', `policy ${said(each)}`);
  }
  return null;
}

function refused(directive: string, missing: string): Verdict {
  return { outcome: 'deny', by: { kind: 'directive', directive }, missing };
}

function said(alternatives: Alternatives): string {
  return alternatives.length === 0 ? 'that nobody has' : describe(alternatives);
}

/** What grants alone say of a field. */
function granted(
  rules: Rules,
  { permissions, environment }: Caller,
  field: FieldCoordinate,
  { stage, locale, record }: Told,
): Verdict {
  const { action, model } = rules.entryOf(field);
  const conditional: (Decision & { readonly outcome: 'conditional' })[] = [];
  const consider = (type: string, name: string | undefined, subgraph: string): Verdict | null => {
    const target = { subgraph, type, ...(name !== undefined && { field: name }) };
    const decision = decide(permissions, { action, target, environment, stage, locale });
    if (decision.outcome === 'allow') return { outcome: 'allow', by: byGrants(decision.grants) };
    if (decision.outcome === 'conditional') conditional.push(decision);
    return null;
  };
  for (const subgraph of field.subgraphs) {
    const found = consider(field.type.name, field.name, subgraph);
    if (found !== null) return found;
    // A grant on an interface is one on what its types have of it.
    for (const parent of field.type.interfaces) {
      if (!parent.fields.some(({ name }) => name === field.name)) continue;
      const inherited = consider(parent.name, field.name, subgraph);
      if (inherited !== null) return inherited;
    }
    const belonging = model === null ? null : consider(model.name, undefined, subgraph);
    if (belonging !== null) return belonging;
  }
  const left = conditional.flatMap(({ alternatives, grants }) =>
    alternatives.flatMap((alternative, index) => {
      const isOut =
        record !== undefined &&
        alternative.where !== undefined &&
        evaluate(alternative.where, record) === false;
      const grant = grants[index];
      return isOut || grant === undefined ? [] : [{ alternative, grant }];
    }),
  );
  if (left.length === 0) return { outcome: 'deny', by: noGrants, missing: action };
  return {
    outcome: 'conditional',
    by: byGrants(distinct(left.map(({ grant }) => grant))),
    alternatives: left.map(({ alternative }) => alternative),
  };
}

function byGrants(grants: readonly Grant[]): Reason {
  return { kind: 'grants', grants };
}

function grantsOf(reason: Reason): readonly Grant[] {
  return reason.kind === 'grants' ? reason.grants : [];
}

function distinct(grants: readonly Grant[]): readonly Grant[] {
  return [...new Set(grants)];
}
