import type { GraphQLSchema } from 'graphql';
import type { Denials } from './execute/answer-errors.ts';

/** What a caller may not touch of one operation, and what they are shown of the schema. */
export interface Access {
  /** The denied access points, with what the client is told of each; null when there are none. */
  readonly denials: Denials | null;
  /** What introspection is answered from. It is asked for only where the operation introspects. */
  readonly schema: () => GraphQLSchema;
}

/** Tells shapes of one operation apart by what is denied of it. */
export function keyOfDenials(denials: Denials | null): string {
  if (denials === null) return '';
  let key = keys.get(denials);
  if (key === undefined) {
    key = Array.from(denials.keys())
      .sort((a, b) => a - b)
      .join(' ');
    keys.set(denials, key);
  }
  return key;
}

/** Denials that do not depend on a request's arguments are the same object for many requests. */
const keys = new WeakMap<Denials, string>();
