import type { CodedError } from '#contract/errors.ts';
import type { ResponsePath } from './entities.ts';

/** An error as the client reads it (GraphQL specification, §7.1.2). */
export interface AnswerError {
  readonly message: string;
  readonly path?: ResponsePath;
  readonly extensions: Readonly<Record<string, unknown>>;
}

interface Failure {
  /** Response keys, joined by dots without list indices, of the fields that were to be delivered. */
  readonly fields: ReadonlySet<string>;
  /** Null when the reason is told by errors that have been added already. */
  readonly reason: AnswerError | null;
}

/** Why fields of an operation are denied, by access point. */
export type Denials = ReadonlyMap<number, AnswerError>;

/** The errors of one answer, and what is known about data that never came. */
export class AnswerErrors {
  readonly list: AnswerError[] = [];
  readonly #denials: Denials | null;
  /** The paths, without the places in lists, of denied fields that were told. */
  #denied: Set<string> | null = null;
  readonly #failures: Failure[] = [];
  /** Every path that has an error at it or below it. */
  readonly #explained: Set<string> = new Set();

  constructor(denials: Denials | null = null) {
    this.#denials = denials;
  }

  /** What is known where another part of the answer begins. What is told already is not told again. */
  inherit(before: AnswerErrors): void {
    for (const failure of before.#failures) {
      if (!this.#failures.includes(failure)) this.#failures.push(failure);
    }
    for (const path of before.#explained) this.#explained.add(path);
  }

  add(error: AnswerError): void {
    this.list.push(error);
    let prefix = '';
    for (const segment of error.path ?? []) {
      prefix += `.${segment}`;
      this.#explained.add(prefix);
    }
  }

  /** Remembers that `fields` will be missing. Each place where the answer shows one gets `reason`, with its path. */
  addFailure(fields: ReadonlySet<string>, reason: AnswerError | null): void {
    this.#failures.push({ fields, reason });
  }

  /** Remembers that `fields` will be missing because what they need is. */
  addDependentFailure(fields: ReadonlySet<string>): void {
    this.addFailure(
      fields,
      this.#failures.findLast((each) => each.reason !== null)?.reason ?? null,
    );
  }

  /** Whether there is anything to tell, or to look out for. */
  get hasAny(): boolean {
    return this.list.length > 0 || this.#failures.length > 0;
  }

  get hasFailures(): boolean {
    return this.#failures.length > 0;
  }

  /** A field that the caller may not see. However long the lists are that it stands in, it is told where it is first. */
  addDenial(path: ResponsePath, point: number): void {
    const field = path.filter((segment) => typeof segment === 'string').join('.');
    this.#denied ??= new Set();
    if (this.#denied.has(field)) {
      this.#explained.add(path.map((segment) => `.${segment}`).join(''));
      return;
    }
    this.#denied.add(field);
    const error = this.#denials?.get(point);
    if (error === undefined) throw new TypeError('a field is denied and nobody knows why');
    this.add({ ...error, path });
  }

  /** A field that nobody delivered: an error with its path if something failed, silence if it is merely null. */
  explainMissing(path: ResponsePath): void {
    if (this.#failures.length === 0) return;
    const field = path.filter((segment) => typeof segment === 'string').join('.');
    const failure = this.#failures.find((each) => each.fields.has(field));
    if (failure === undefined) return;
    if (failure.reason !== null) this.add({ ...failure.reason, path });
    else this.#explained.add(path.map((segment) => `.${segment}`).join(''));
  }

  /** A null where the schema allows none, unless an error at or below the path says why already. */
  addNonNullViolation(path: ResponsePath, coordinate: string): void {
    if (this.#explained.has(path.map((segment) => `.${segment}`).join(''))) return;
    this.add({
      message: `Cannot return null for non-nullable field ${coordinate}.`,
      path,
      extensions: { code: 'SUBGRAPH_INVALID_RESPONSE' },
    });
  }
}

/** What a client is told of an error of ours. */
export function answerErrorOf(error: CodedError, service?: string): AnswerError {
  return {
    message: error.message,
    extensions: service === undefined ? error.extensions : { ...error.extensions, service },
  };
}
