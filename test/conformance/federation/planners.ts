/** The planners that each case runs on: what a gateway has by default, and each one alone. */
export const planners = ['auto', 'hive', 'apollo'] as const;

export type PlannerName = (typeof planners)[number];
