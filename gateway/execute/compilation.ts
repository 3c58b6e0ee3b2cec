import type { SupergraphTypes } from '../supergraph/supergraph-types.ts';
import type { PlaceType } from './place-types.ts';

/** What the steps of one plan are compiled with. */
export interface Compilation {
  readonly types: SupergraphTypes;
  /** What is known of the types of objects, from the root of the answer down. */
  readonly root: PlaceType;
  readonly sharing: Sharing;
}

/**
 * Whether the places of one path may share what comes back for one entity. They may not in a plan whose
 * paths tell concrete types apart: what one place holds under a key may there differ from another's.
 */
export type Sharing = 'within a path' | 'never';
