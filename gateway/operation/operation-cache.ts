import { type DocumentNode, parse } from 'graphql';
import { LRUCache } from 'lru-cache';
import pLimit from 'p-limit';
import { CodedError } from '#contract/errors.ts';
import type { Supergraph } from '../supergraph/supergraph.ts';
import type { OperationLimits } from './limits.ts';
import { parseDocument } from './parse.ts';
import {
  type PlanningSlots,
  type PreparedOperation,
  prepareOperation,
  validateDocument,
} from './prepare.ts';

/** A planner's threads are those of the file system and of password hashing too: some are left to them. */
const PLANNED_AT_ONCE = 2;
/** New operations that may wait for that; more are refused. */
const MAX_WAITING = 1_000;

export interface OperationCacheOptions {
  readonly limits: OperationLimits;
  /** How many documents are kept. */
  readonly maxDocuments: number;
  /** Characters of text that all kept documents may have together. */
  readonly maxTextLength: number;
}

export interface OperationCache {
  /**
   * The prepared operation if it is there, otherwise a promise of it. Concurrent first requests of one
   * operation prepare it once; a failure is not kept.
   *
   * `onNewDocument` runs between parsing and validation of a document that was not known.
   */
  get(
    source: string,
    operationName: string | undefined,
    onNewDocument: ((document: DocumentNode) => Promise<void>) | null,
  ): PreparedOperation | Promise<PreparedOperation>;
}

interface KnownDocument {
  readonly document: Promise<DocumentNode>;
  readonly operations: Map<string, PreparedOperation | Promise<PreparedOperation>>;
}

/** The prepared operations of one supergraph, by text and operation name, in a bounded cache. */
export function createOperationCache(
  supergraph: Supergraph,
  { limits, maxDocuments, maxTextLength }: OperationCacheOptions,
): OperationCache {
  const documents = new LRUCache<string, KnownDocument>({
    max: maxDocuments,
    maxSize: maxTextLength,
    sizeCalculation: (_, source) => Math.max(1, source.length),
  });

  const planning = pLimit(PLANNED_AT_ONCE);
  const slots: PlanningSlots = async (work) => {
    if (planning.pendingCount >= MAX_WAITING) throw new CodedError('OVERLOADED');
    return planning(work);
  };

  return {
    get(source, operationName, onNewDocument) {
      const key = operationName ?? '';
      let known = documents.get(source);
      if (known === undefined) {
        const document = readDocument(source, onNewDocument);
        known = { document, operations: new Map() };
        documents.set(source, known);
        forgetOnFailure(document, () => documents.delete(source));
      }
      const operations = known.operations;
      let operation = operations.get(key);
      if (operation === undefined) {
        const preparing = known.document.then((document) =>
          prepareOperation(supergraph, document, operationName, limits, slots),
        );
        operations.set(key, preparing);
        preparing.then(
          (prepared) => operations.set(key, prepared),
          () => operations.delete(key),
        );
        operation = preparing;
      }
      return operation;
    },
  };

  async function readDocument(
    source: string,
    onNewDocument: ((document: DocumentNode) => Promise<void>) | null,
  ): Promise<DocumentNode> {
    const document = parseDocument(source, limits);
    await onNewDocument?.(document);
    validateDocument(supergraph, document);
    // What is kept has no locations: they would keep every token of the text.
    return parse(source, { noLocation: true });
  }
}

/** The failure itself reaches whoever asked; here it only means that the entry goes. */
function forgetOnFailure(pending: Promise<unknown>, forget: () => void): void {
  pending.catch(forget);
}
