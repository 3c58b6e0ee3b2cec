import type { PathSegment } from '../plan/plan.ts';
import type { SupergraphTypes } from '../supergraph/supergraph-types.ts';
import type { AnswerError } from './answer-errors.ts';
import type { ResponsePath } from './entities.ts';
import type { Step } from './execution.ts';
import type { PartProjection, Projection } from './project.ts';

/** An operation whose answer comes in parts (`@defer`), planned and compiled. */
export interface DeferredShape {
  readonly kind: 'deferred';
  readonly draw: () => Deferral | Promise<Deferral>;
  /** Writes the initial part. */
  readonly project: Projection;
  /** Writes everything at once. */
  readonly projectWhole: () => Projection;
  /** Beyond so many payloads after the initial one, what stands in a part is told with it. */
  readonly maxPayloads: number;
  readonly parts: readonly DeferredPart[];
  readonly types: SupergraphTypes;
}

/** A part that follows the initial one, or another one. */
export interface DeferredPart {
  readonly id: string;
  /** The client's name for it. */
  readonly label: string | null;
  /** From the root to the objects that it completes; lists are not named. */
  readonly path: readonly PathSegment[];
  readonly write: PartProjection;
  /** Writes what stands in it too. */
  readonly writeWhole: () => PartProjection;
  readonly parts: readonly DeferredPart[];
}

/** What to fetch for an answer in parts. */
export interface Deferral {
  readonly initial: Step;
  /** By the part's id; one that has none needs nothing that is not there. */
  readonly steps: ReadonlyMap<string, DeferredStep>;
  /** The ids of all fetches that have one. A planner may name others, which it has left out of the plan. */
  readonly fetchIds: ReadonlySet<string>;
}

export interface DeferredStep {
  /** Ids of the fetches that must have come before. */
  readonly after: readonly string[];
  readonly run: Step;
}

/** A part for one of the objects that it completes. */
export interface PartPlace {
  readonly part: DeferredPart;
  /** In the client's names. */
  readonly path: ResponsePath;
}

/** What came of a part at one place; null when nothing of it can be shown. */
export interface DeliveredPart extends PartPlace {
  readonly text: string | null;
  readonly errors: readonly AnswerError[];
}
