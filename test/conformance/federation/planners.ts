/** The planners that each case runs on. */
export const planners = ['hive'] as const;

export type PlannerName = (typeof planners)[number];
