import { type Static, Type } from 'typebox';
import { CodedError } from '#contract/errors.ts';
import { readOptions } from '#contract/options.ts';

/** How operations are planned, as settings of a gateway. */
export const planningProperties = {
  planner: Type.Union([Type.Literal('auto'), Type.Literal('hive'), Type.Literal('apollo')], {
    default: 'auto',
    description: 'Who plans: hive, apollo, or hive wherever it can',
  }),
  planTimeoutMs: Type.Integer({
    minimum: 1,
    default: 10_000,
    description: "Milliseconds that Apollo's planner has for one plan",
  }),
  fallbackTimeoutMs: Type.Integer({
    minimum: 1,
    default: 1_000,
    description:
      "Milliseconds that it has for an operation that Hive's planner refused, or that is answered in parts",
  }),
  maxWaitingPlans: Type.Integer({
    minimum: 1,
    default: 100,
    description: "Operations that may wait for Apollo's planner",
  }),
  overrideLabels: Type.Array(Type.String({ minLength: 1 }), {
    default: [],
    description: 'Labels of progressive overrides that are in force, besides those by percentage',
  }),
};

const planningSchema = Type.Object(planningProperties);

export type PlanningOptions = Readonly<Static<typeof planningSchema>>;

/** Completes them with their defaults. @throws CodedError CONFIGURATION_INVALID */
export function readPlanningOptions({
  planner,
  planTimeoutMs,
  fallbackTimeoutMs,
  maxWaitingPlans,
  overrideLabels,
}: Partial<PlanningOptions>): PlanningOptions {
  return readOptions(
    planningSchema,
    { planner, planTimeoutMs, fallbackTimeoutMs, maxWaitingPlans, overrideLabels },
    'planning',
  );
}

/** Reads what `--planner` says. @throws CodedError CONFIGURATION_INVALID */
export function readPlannerName(name: string): PlanningOptions['planner'] {
  if (name === 'auto' || name === 'hive' || name === 'apollo') return name;
  throw new CodedError(
    'CONFIGURATION_INVALID',
    `--planner must be one of auto, hive, apollo, not "${name}"`,
  );
}
