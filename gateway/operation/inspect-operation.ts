import type { DocumentNode } from 'graphql';
import type { Denials } from '../execute/answer-errors.ts';
import type { AskedOperation } from '../hooks.ts';
import type { Supergraph } from '../supergraph/supergraph.ts';
import type { OperationLimits } from './limits.ts';
import { createOperationCache } from './operation-cache.ts';
import type { Shape } from './prepare.ts';
import type { GraphqlRequest } from './ready-operation.ts';
import { RequestError } from './request-error.ts';
import { coerceVariables } from './variables.ts';

/** An operation that was read as if somebody had asked for it, and that nobody runs. */
export interface InspectedOperation extends AskedOperation {
  /** Plans what is left of it without what is denied, and names the subgraphs that would be called at most, sorted. */
  subgraphsFor(denials: Denials | null): Promise<readonly string[]>;
}

/**
 * Reads an operation.
 * @throws RequestError as asking for it would, with the document where something in it is wrong: what of that may be
 *   told depends on who is asking
 */
export type Inspect = (request: GraphqlRequest) => Promise<InspectedOperation>;

/** What reads operations for one supergraph. */
export interface Inspector {
  readonly supergraph: Supergraph;
  readonly inspect: Inspect;
}

/** How many documents, and characters of all of them, are kept: nobody waits for an answer here. */
const kept = { maxDocuments: 64, maxTextLength: 1_000_000 };

/**
 * Inspects operations for one supergraph, with the code that prepares what is run. It keeps them for itself: what
 * somebody only asks about neither pushes out what is asked for, nor gets past the hooks of a new document.
 */
export function createInspector(supergraph: Supergraph, limits: OperationLimits): Inspector {
  const operations = createOperationCache(supergraph, { limits, ...kept });
  const inspect: Inspect = async ({ source, operationName, variables }) => {
    const operation = await operations.get(source, operationName || undefined, null);
    const { definition, document } = operation;
    const coerced = coercedIn(document, () =>
      coerceVariables(supergraph.schema, definition, variables ?? {}),
    );
    const variant = operation.variantFor(coerced);
    return {
      supergraph,
      document,
      points: variant.points,
      variables: coerced,
      subgraphsFor: async (denials) => subgraphsOf(await variant.shapeFor(denials)),
    };
  };
  return { supergraph, inspect };
}

/** What is wrong with variables is told like what is wrong with their document. */
function coercedIn<Values>(document: DocumentNode, coerce: () => Values): Values {
  try {
    return coerce();
  } catch (error) {
    if (!(error instanceof RequestError) || error.mistakes.length === 0) throw error;
    throw new RequestError(error.code, error.mistakes, document);
  }
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
