import { LRUCache } from 'lru-cache';

export interface RegisteredDocumentsOptions {
  readonly maxDocuments: number;
  /** Characters of all of them together. */
  readonly maxTextLength: number;
}

/** The documents that clients have registered, by SHA-256 in lower-case hex; bounded by number and by text. */
export class RegisteredDocuments {
  readonly #texts: LRUCache<string, string>;

  constructor({ maxDocuments, maxTextLength }: RegisteredDocumentsOptions) {
    this.#texts = new LRUCache({
      max: maxDocuments,
      maxSize: maxTextLength,
      sizeCalculation: (text) => Math.max(1, text.length),
    });
  }

  get(hash: string): string | undefined {
    return this.#texts.get(hash);
  }

  /** Keeps a document. `hash` must be its own: whoever asks by hash gets this text. */
  keep(hash: string, text: string): void {
    this.#texts.set(hash, text);
  }
}
