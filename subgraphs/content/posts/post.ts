export type Stage = 'DRAFT' | 'QA' | 'PUBLISHED';

/** A post as the graph shows it. Times are milliseconds since the epoch. */
export interface Post {
  readonly id: string;
  readonly title: string;
  readonly body: string;
  readonly slug: string;
  readonly stage: Stage;
  readonly locale: string;
  readonly authorId: string;
  readonly createdAt: number;
  readonly publishedAt: number | null;
}
