import type { AnswerError } from './answer-errors.ts';
import type { PartPlace } from './deferred-shape.ts';
import type { ResponsePath } from './entities.ts';

/** What a client has been given, as texts of objects at paths. */
export class DeliveredData {
  readonly #texts: ReadonlyMap<string, string | null>;
  readonly #parsed = new Map<string, unknown>();

  constructor(objects: readonly { readonly path: ResponsePath; readonly text: string | null }[]) {
    this.#texts = new Map(objects.map(({ path, text }) => [keyOf(path), text]));
  }

  /** Whether the client has got an object at `path`. */
  has(path: ResponsePath): boolean {
    for (let length = path.length; length >= 0; length -= 1) {
      const key = keyOf(path.slice(0, length));
      const text = this.#texts.get(key);
      if (text === undefined) continue;
      if (text === null) return false;
      if (!this.#parsed.has(key)) this.#parsed.set(key, JSON.parse(text));
      return isObjectAt(this.#parsed.get(key), path.slice(length));
    }
    return false;
  }
}

function isObjectAt(root: unknown, path: ResponsePath): boolean {
  let value = root;
  for (const segment of path) {
    if (typeof value !== 'object' || value === null) return false;
    value = (value as Record<string | number, unknown>)[segment];
  }
  return typeof value === 'object' && value !== null;
}

/** The errors that belong to each place; those that belong to none are told at the first one. */
export function errorsByPlace(
  places: readonly PartPlace[],
  errors: readonly AnswerError[],
): readonly (readonly AnswerError[])[] {
  const told: AnswerError[][] = places.map(() => []);
  if (errors.length === 0) return told;
  const indices = new Map(places.map(({ path }, index) => [keyOf(path), index]));
  for (const error of errors) {
    const path = error.path ?? [];
    let index = 0;
    for (let length = path.length; length > 0; length -= 1) {
      const known = indices.get(keyOf(path.slice(0, length)));
      if (known === undefined) continue;
      index = known;
      break;
    }
    told[index]?.push(error);
  }
  return told;
}

export function keyOf(path: ResponsePath): string {
  return JSON.stringify(path);
}
