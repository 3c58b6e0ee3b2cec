import type { Expression, ExpressionBuilder, SqlBool } from 'kysely';
import type { Caller } from '#contract/caller.ts';
import type { ContentTables } from '../database/tables.ts';
import type { Post } from './post.ts';

/** Where somebody stands. Their grants say what they may do there, and never lead anywhere else. */
export type Place = Pick<Caller, 'subject' | 'organization'>;

/** The posts that there are for somebody, of one stage or of all: the published ones, and all of their organization. */
export function withinReach({ subject, organization }: Place, stage?: string) {
  return (is: ExpressionBuilder<ContentTables, 'content_post'>): Expression<SqlBool> => {
    if (stage === 'PUBLISHED') return is.lit(true);
    const ways: Expression<SqlBool>[] = [];
    if (stage === undefined) ways.push(is('stage', '=', 'PUBLISHED'));
    if (organization !== null) ways.push(is('organization_id', '=', organization));
    if (subject !== null) {
      ways.push(is.and([is('organization_id', 'is', null), is('author_id', '=', subject)]));
    }
    // Of none of these, nothing: an empty "or" is false.
    return is.or(ways);
  };
}

export function isWithinReach(post: Post, place: Place): boolean {
  return post.stage === 'PUBLISHED' || isOwn(post, place);
}

/** Whether a post is one of theirs to change: of their organization, or without one, by themselves. */
export function isOwn({ organizationId, authorId }: Post, { subject, organization }: Place) {
  if (organizationId !== null) return organizationId === organization;
  return authorId !== null && authorId === subject;
}
