/** The planners that each case runs on: what a gateway has by default, and the second one alone. */
export const planners = ['auto', 'apollo'] as const;

export type PlannerName = (typeof planners)[number];
