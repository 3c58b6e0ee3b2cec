import { type DocumentNode, parse } from 'graphql';
import { LRUCache } from 'lru-cache';
import type { Supergraph } from '../supergraph/supergraph.ts';
import type { OperationLimits } from './limits.ts';
import { parseDocument } from './parse.ts';
import {
  type PreparedOperation,
  prepareOperation,
  type ShapeChoice,
  validateDocument,
} from './prepare.ts';

export interface OperationCacheOptions {
  readonly limits: OperationLimits;
  /** How many documents are kept. */
  readonly maxDocuments: number;
  /** Characters of text that all kept documents may have together. */
  readonly maxTextLength: number;
  /** The coordinates of query fields that change something. */
  readonly sideEffects?: ReadonlySet<string>;
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
  /** The operations that were asked most, by document, at most so many. */
  hottest(limit: number): readonly HotOperation[];
  /**
   * Prepares an operation before anyone asks it; `onNewDocument` runs when somebody does.
   * @throws RequestError when it does not fit the supergraph
   */
  prepareAhead(operation: HotOperation): Promise<void>;
}

/** What was asked of one supergraph, so that it can be prepared for another one. */
export interface HotOperation {
  readonly source: string;
  readonly operationName: string | undefined;
  readonly shapes: readonly ShapeChoice[];
}

type Operations = Map<string, PreparedOperation | Promise<PreparedOperation>>;

interface KnownDocument {
  readonly document: Promise<DocumentNode>;
  readonly operations: Operations;
  /** Whether nobody has asked for it yet, so that `onNewDocument` has not run. */
  readonly isAhead: boolean;
  /** What was prepared before somebody did. */
  readonly prepared: Operations | undefined;
  uses: number;
}

/** The prepared operations of one supergraph, by text and operation name, in a bounded cache. */
export function createOperationCache(
  supergraph: Supergraph,
  { limits, maxDocuments, maxTextLength, sideEffects }: OperationCacheOptions,
): OperationCache {
  const documents = new LRUCache<string, KnownDocument>({
    max: maxDocuments,
    maxSize: maxTextLength,
    sizeCalculation: (_, source) => Math.max(1, source.length),
  });

  return {
    get(source, operationName, onNewDocument) {
      const key = operationName ?? '';
      let known = documents.get(source);
      if (known === undefined || (known.isAhead && onNewDocument !== null)) {
        known = remember(source, onNewDocument, { isAhead: false, prepared: known?.operations });
      }
      known.uses += 1;
      return known.operations.get(key) ?? prepare(known, operationName);
    },

    hottest(limit) {
      const byUse = Array.from(documents.entries()).sort(([, a], [, b]) => b.uses - a.uses);
      const hot: HotOperation[] = [];
      for (const [source, { operations }] of byUse) {
        if (hot.length >= limit) break;
        for (const [name, operation] of operations) {
          // What is still being prepared has not been of use to anyone.
          if (operation instanceof Promise) continue;
          hot.push({ source, operationName: name || undefined, shapes: operation.keptShapes() });
        }
      }
      return hot.slice(0, limit);
    },

    async prepareAhead({ source, operationName, shapes }) {
      const known = documents.get(source) ?? remember(source, null, { isAhead: true });
      const operation = await (known.operations.get(operationName ?? '') ??
        prepare(known, operationName));
      for (const { conditions, defers } of shapes) {
        await operation.variantFor(conditions, defers).shapeFor(null);
      }
    },
  };

  function remember(
    source: string,
    onNewDocument: ((document: DocumentNode) => Promise<void>) | null,
    {
      isAhead,
      prepared,
    }: { readonly isAhead: boolean; readonly prepared?: Operations | undefined },
  ): KnownDocument {
    const document = readDocument(source, onNewDocument);
    const known = { document, operations: new Map(), isAhead, prepared, uses: 0 };
    documents.set(source, known);
    forgetOnFailure(document, () => documents.delete(source));
    return known;
  }

  function prepare(
    { document, operations, prepared }: KnownDocument,
    operationName: string | undefined,
  ): Promise<PreparedOperation> {
    const key = operationName ?? '';
    const preparing = document.then(
      (known) =>
        prepared?.get(key) ??
        prepareOperation(supergraph, known, operationName, limits, sideEffects),
    );
    operations.set(key, preparing);
    preparing.then(
      (operation) => operations.set(key, operation),
      () => operations.delete(key),
    );
    return preparing;
  }

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
