import type { AnswerErrors } from './answer-errors.ts';

/** Where in the answer the writers are: `path` is overwritten as they go and read only when there is an error. */
export class Place {
  readonly path: (string | number)[] = [];
  readonly #errors: AnswerErrors;

  constructor(errors: AnswerErrors) {
    this.#errors = errors;
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
