import { isJsonObject, type JsonObject } from './json.ts';

/**
 * Merges what a subgraph answered into the answer so far, in place.
 *
 * A concrete `__typename` is never replaced by the name of an interface, which is what a subgraph that
 * knows the type as an @interfaceObject answers.
 */
export function merge(
  target: JsonObject,
  source: JsonObject,
  isAbstract: (typeName: string) => boolean,
): void {
  for (const key of Object.keys(source)) {
    // A response key of this name would reach the prototype; operations that ask for it are refused.
    if (key === '__proto__') continue;
    const incoming = source[key];
    const present = target[key];
    if (present === incoming) continue;
    if (key === '__typename' && typeof present === 'string') {
      if (typeof incoming === 'string' && !isAbstract(incoming)) target[key] = incoming;
    } else if (isJsonObject(present) && isJsonObject(incoming)) {
      merge(present, incoming, isAbstract);
    } else if (Array.isArray(present) && Array.isArray(incoming)) {
      mergeItems(present, incoming, isAbstract);
    } else {
      target[key] = incoming;
    }
  }
}

function mergeItems(
  target: unknown[],
  source: readonly unknown[],
  isAbstract: (typeName: string) => boolean,
): void {
  for (const [index, incoming] of source.entries()) {
    const present = target[index];
    if (isJsonObject(present) && isJsonObject(incoming)) merge(present, incoming, isAbstract);
    else if (Array.isArray(present) && Array.isArray(incoming))
      mergeItems(present, incoming, isAbstract);
    else target[index] = incoming;
  }
}

/** A copy in depth of JSON data, for a second place in the answer that may go on to differ from the first. */
export function copyJson<T>(value: T): T {
  if (Array.isArray(value)) return value.map(copyJson) as T;
  if (!isJsonObject(value)) return value;
  const copy: JsonObject = {};
  for (const key of Object.keys(value)) if (key !== '__proto__') copy[key] = copyJson(value[key]);
  return copy as T;
}
