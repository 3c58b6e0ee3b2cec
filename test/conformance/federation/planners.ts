/** The planners that each case runs on. */
export const planners = ['hive', 'apollo'] as const;

export type PlannerName = (typeof planners)[number];
