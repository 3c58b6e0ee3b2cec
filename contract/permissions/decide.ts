import { areaOf } from './area.ts';
import type { Condition } from './conditions/condition.ts';
import { evaluate } from './conditions/evaluate-condition.ts';
import type { Action, Grant, Permissions } from './grant.ts';

/** The part of the graph that somebody wants to touch. */
export interface Target {
  readonly subgraph?: string;
  readonly type: string;
  readonly field?: string;
}

export interface AccessRequest {
  readonly action: Action;
  readonly target: Target;
  /** Where the caller is; without it, grants for certain environments do not count. */
  readonly environment?: string | null | undefined;
  /** What the request asks for, when it says so. What it does not say becomes part of the decision. */
  readonly stage?: string | undefined;
  readonly locale?: string | undefined;
}

/** What a record has to be: of one of these stages, in one of these locales, and as `where` says. */
export interface Residual {
  readonly stages?: readonly string[];
  readonly locales?: readonly string[];
  readonly where?: Condition;
}

export interface Allowed {
  readonly outcome: 'allow';
  /** The grant that decided. */
  readonly grants: readonly [Grant];
}

/** Allowed for the records that meet one of the alternatives. */
export interface Conditional {
  readonly outcome: 'conditional';
  readonly alternatives: readonly Residual[];
  /** The grants that decided, in the order of the alternatives. */
  readonly grants: readonly Grant[];
}

export interface Denied {
  readonly outcome: 'deny';
  readonly missing: { readonly action: Action; readonly coordinate: string };
  /** The grants that would have counted but for the environment, stage or locale. */
  readonly excluded: readonly Grant[];
}

export type Decision = Allowed | Conditional | Denied;

/**
 * Whether permissions allow what is asked. What no grant names is denied; one grant without a condition decides,
 * several with conditions are alternatives.
 *
 * Pure and made for hot paths: permissions are indexed at their first use.
 */
export function decide(permissions: Permissions, request: AccessRequest): Decision {
  return decideOn(permissions, request, false);
}

/**
 * Which records of a type there are for whoever has these permissions: those that a grant on the type or on any of its
 * fields lets them at. What they may do with one field of such a record is for `decide` to say.
 */
export function decideRows(
  permissions: Permissions,
  request: AccessRequest & { readonly target: Omit<Target, 'field'> },
): Decision {
  return decideOn(permissions, request, true);
}

function decideOn(permissions: Permissions, request: AccessRequest, isAnyField: boolean): Decision {
  const { action, target } = request;
  let conditional: Rule[] | null = null;
  let excluded: Grant[] | null = null;
  const index = indexOf(permissions)[action];
  for (const type of [null, target.type]) {
    const rules = index?.get(type);
    if (rules === undefined) continue;
    for (const rule of rules) {
      if (rule.field !== null && !isAnyField && rule.field !== target.field) continue;
      if (rule.subgraph !== null && rule.subgraph !== target.subgraph) continue;
      if (rule.decision !== null) return rule.decision;
      if (isExcluded(rule.grant, request)) {
        excluded ??= [];
        excluded.push(rule.grant);
        continue;
      }
      if (isUnconditional(rule.grant, request)) return allowedBy(rule.grant);
      conditional ??= [];
      conditional.push(rule);
    }
  }
  if (conditional !== null) return conditionalOn(conditional, request);
  return {
    outcome: 'deny',
    missing: { action, coordinate: coordinateOf(target) },
    excluded: excluded ?? [],
  };
}

/** `Type` or `Type.field`. */
export function coordinateOf({ type, field }: Target): string {
  return field === undefined ? type : `${type}.${field}`;
}

/** What is known of a record when a decision is applied to it. */
export interface RecordFacts {
  readonly record: Readonly<Record<string, unknown>>;
  readonly stage?: string;
  readonly locale?: string;
}

/** Whether a decision lets the caller at one record. A stage or locale that matters and is not told is a no. */
export function allowsRecord(decision: Decision, facts: RecordFacts): boolean {
  if (decision.outcome !== 'conditional') return decision.outcome === 'allow';
  return decision.alternatives.some(
    ({ stages, locales, where }) =>
      (stages === undefined || (facts.stage !== undefined && stages.includes(facts.stage))) &&
      (locales === undefined || (facts.locale !== undefined && locales.includes(facts.locale))) &&
      (where === undefined || evaluate(where, facts.record) === true),
  );
}

interface Rule {
  readonly grant: Grant;
  readonly field: string | null;
  readonly subgraph: string | null;
  /** The decision of a grant that depends on nothing but its area. */
  readonly decision: Allowed | null;
}

/** The rules of an action by type; null is "any type". */
type Index = Readonly<Partial<Record<Action, ReadonlyMap<string | null, readonly Rule[]>>>>;

const indexes = new WeakMap<Permissions, Index>();

function indexOf(permissions: Permissions): Index {
  let index = indexes.get(permissions);
  if (index === undefined) {
    index = buildIndex(permissions.grants);
    indexes.set(permissions, index);
  }
  return index;
}

function buildIndex(grants: readonly Grant[]): Index {
  const index: Partial<Record<Action, Map<string | null, Rule[]>>> = {};
  for (const grant of grants) {
    const { type, field, subgraph } = areaOf(grant);
    const rule = { grant, field, subgraph, decision: isPlain(grant) ? allowedBy(grant) : null };
    for (const action of grant.actions) {
      const ofAction = index[action] ?? new Map<string | null, Rule[]>();
      index[action] = ofAction;
      const rules = ofAction.get(type);
      if (rules === undefined) ofAction.set(type, [rule]);
      else rules.push(rule);
    }
  }
  return index;
}

function isPlain({ environments, stages, locales, where }: Grant): boolean {
  return (
    environments === undefined &&
    stages === undefined &&
    locales === undefined &&
    where === undefined
  );
}

function isExcluded(grant: Grant, { environment, stage, locale }: AccessRequest): boolean {
  const { environments, stages, locales } = grant;
  if (environments !== undefined && (environment == null || !environments.includes(environment))) {
    return true;
  }
  if (stages !== undefined && stage !== undefined && !stages.includes(stage)) return true;
  return locales !== undefined && locale !== undefined && !locales.includes(locale);
}

function isUnconditional(grant: Grant, { stage, locale }: AccessRequest): boolean {
  return (
    grant.where === undefined &&
    (grant.stages === undefined || stage !== undefined) &&
    (grant.locales === undefined || locale !== undefined)
  );
}

function allowedBy(grant: Grant): Allowed {
  return Object.freeze({ outcome: 'allow', grants: Object.freeze([grant] as const) });
}

function conditionalOn(rules: readonly Rule[], { stage, locale }: AccessRequest): Conditional {
  return {
    outcome: 'conditional',
    alternatives: rules.map(({ grant: { stages, locales, where } }) => ({
      ...(stages !== undefined && stage === undefined && { stages }),
      ...(locales !== undefined && locale === undefined && { locales }),
      ...(where !== undefined && { where }),
    })),
    grants: rules.map(({ grant }) => grant),
  };
}
