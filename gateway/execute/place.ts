import type { AnswerErrors } from './answer-errors.ts';

/** Writes a value that is not null; null means that it cannot be shown and the error has been told. */
export type Writer = (value: unknown, place: Place, depth: number) => string | null;

/** Where in the answer the writers are: `path` is overwritten as they go and read only when there is an error. */
export class Place {
  readonly path: (string | number)[] = [];
  readonly #errors: AnswerErrors;
  readonly #shared: ReadonlySet<unknown>;
  readonly #texts: Map<Writer, Map<unknown, string>> = new Map();

  constructor(errors: AnswerErrors, shared: ReadonlySet<unknown>) {
    this.#errors = errors;
    this.#shared = shared;
  }

  isShared(value: unknown): boolean {
    return this.#shared.size > 0 && this.#shared.has(value);
  }

  /** Writes an object that stands in many places once for all of them, as long as there is no error to tell of any. */
  writeOnce(value: unknown, depth: number, write: Writer): string | null {
    if (this.#errors.hasAny) return write(value, this, depth);
    let texts = this.#texts.get(write);
    if (texts === undefined) {
      texts = new Map();
      this.#texts.set(write, texts);
    }
    const known = texts.get(value);
    if (known !== undefined) return known;
    const text = write(value, this, depth);
    if (text !== null && !this.#errors.hasAny) texts.set(value, text);
    return text;
  }

  denied(depth: number, key: string | number, point: number): void {
    this.#errors.addDenial(this.#pathTo(depth, key), point);
  }

  missing(depth: number, key: string | number): void {
    if (this.#errors.hasFailures) this.#errors.explainMissing(this.#pathTo(depth, key));
  }

  nonNull(depth: number, key: string | number, coordinate: string): void {
    this.#errors.addNonNullViolation(this.#pathTo(depth, key), coordinate);
  }

  invalid(depth: number, key: string | number, coordinate: string): void {
    this.#errors.add({
      message: `A subgraph gave a value for ${coordinate} that does not fit its type.`,
      path: this.#pathTo(depth, key),
      extensions: { code: 'SUBGRAPH_INVALID_RESPONSE' },
    });
  }

  #pathTo(depth: number, key: string | number): (string | number)[] {
    return [...this.path.slice(0, depth), key];
  }
}
