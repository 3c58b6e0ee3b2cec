import type { Static, TSchema } from 'typebox';
import { Value } from 'typebox/value';
import { CodedError } from './errors.ts';

/**
 * Options as their schema wants them: copied, defaults filled in, checked, frozen in depth.
 *
 * A wrong value is refused, never replaced by a default.
 * @throws CodedError CONFIGURATION_INVALID naming `place` and the path of the first mistake
 */
export function readOptions<Schema extends TSchema>(
  schema: Schema,
  given: unknown,
  place: string,
): Readonly<Static<Schema>> {
  const options: unknown = Value.Default(schema, copy(given ?? {}));
  const [mistake] = Value.Errors(schema, options);
  if (mistake !== undefined) {
    const at = mistake.instancePath.replaceAll('/', '.').replace(/^\./, '');
    // What TypeBox says of a property that `additionalProperties: false` forbids.
    const isUnknown = mistake.keyword === 'boolean';
    throw new CodedError(
      'CONFIGURATION_INVALID',
      `${place}: ${at || 'options'} ${isUnknown ? 'is not an option' : mistake.message}`,
    );
  }
  return deepFreeze(options as Static<Schema>);
}

/** Functions, and objects of classes, are what they are. */
function copy(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(copy);
  if (typeof value !== 'object' || value === null) return value;
  if (Object.getPrototypeOf(value) !== Object.prototype) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, copy(each)]));
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    Object.values(value).forEach(deepFreeze);
  }
  return value;
}
