export const stages = ['DRAFT', 'QA', 'PUBLISHED'] as const;

export type Stage = (typeof stages)[number];

/** A post as the graph shows it. Times are milliseconds since the epoch. */
export interface Post {
  readonly id: string;
  readonly title: string;
  readonly body: string;
  readonly slug: string;
  readonly stage: Stage;
  readonly locale: string;
  /** Null for a post of somebody who was not known. */
  readonly authorId: string | null;
  /** Whose it is. Without one it is its author's. */
  readonly organizationId: string | null;
  readonly createdAt: number;
  readonly publishedAt: number | null;
}
