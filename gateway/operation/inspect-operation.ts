import type { Denials } from '../execute/answer-errors.ts';
import type { AskedOperation } from '../hooks.ts';
import type { Supergraph } from '../supergraph/supergraph.ts';
import type { OperationLimits } from './limits.ts';
import { createOperationCache } from './operation-cache.ts';
import type { Shape } from './prepare.ts';
import type { GraphqlRequest } from './ready-operation.ts';
import { coerceVariables } from './variables.ts';

/** An operation that was read as if somebody had asked for it, and that nobody runs. */
export interface InspectedOperation extends AskedOperation {
  /** Plans what is left of it without what is denied, and names the subgraphs that would be called at most, sorted. */
  subgraphsFor(denials: Denials | null): Promise<readonly string[]>;
}

/**
 * Reads an operation.
 * @throws RequestError as asking for it would: a syntax error, a ValidationError, too large, variables that do not fit
 */
export type Inspect = (request: GraphqlRequest) => Promise<InspectedOperation>;

/** How many documents, and characters of all of them, are kept: nobody waits for an answer here. */
const kept = { maxDocuments: 64, maxTextLength: 1_000_000 };

/**
 * Inspects operations for one supergraph, with the code that prepares what is run. It keeps them for itself: what
 * somebody only asks about neither pushes out what is asked for, nor gets past the hooks of a new document.
 */
export function createInspector(supergraph: Supergraph, limits: OperationLimits): Inspect {
  const operations = createOperationCache(supergraph, { limits, ...kept });
  return async ({ source, operationName, variables }) => {
    const operation = await operations.get(source, operationName || undefined, null);
    const { definition, document } = operation;
    const coerced = coerceVariables(supergraph.schema, definition, variables ?? {});
    const variant = operation.variantFor(coerced);
    return {
      supergraph,
      document,
      points: variant.points,
      variables: coerced,
      subgraphsFor: async (denials) => subgraphsOf(await variant.shapeFor(denials)),
    };
  };
}

async function subgraphsOf(shape: Shape): Promise<readonly string[]> {
  switch (shape.kind) {
    case 'whole':
      return shape.subgraphs();
    case 'subscription':
      return (await shape.draw()).subgraphs;
    case 'deferred':
      throw new TypeError('an operation is inspected in one piece');
  }
}
