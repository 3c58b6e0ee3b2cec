import {
  GraphQLEnumType,
  getNamedType,
  getNullableType,
  isInterfaceType,
  isListType,
  isObjectType,
} from 'graphql';
import type { Coordinates, FieldCoordinate } from '#gateway/plugin.ts';

/** An argument that tells which records a field asks for. */
export interface TellingArgument {
  readonly name: string;
  /** A content stage, a locale, or a field of the key of what is returned. */
  readonly tells: 'stage' | 'locale' | 'key';
  /** Whether it is an `ID`, of which `2` and `"2"` are the same (GraphQL specification, §3.5.5). */
  readonly isId: boolean;
  /** Its default as a client would write it; undefined without one. */
  readonly defaultValue: unknown;
}

/** The arguments of a field that are called `stage` or `locale`, or like a field of the key of what it returns. */
export function readTellingArguments(
  field: FieldCoordinate,
  { schema }: Coordinates,
): readonly TellingArgument[] {
  const type = schema.getType(field.type.name);
  if (!isObjectType(type) && !isInterfaceType(type)) return [];
  const given = type.getFields()[field.name]?.args ?? [];
  return given.flatMap(({ name, type, defaultValue }): TellingArgument[] => {
    // A list tells of several records at once.
    const isKey = !isListType(getNullableType(type)) && field.composite?.keys.has(name) === true;
    const tells = name === 'stage' || name === 'locale' ? name : isKey ? 'key' : null;
    if (tells === null) return [];
    const named = getNamedType(type);
    const told =
      named instanceof GraphQLEnumType
        ? named.getValues().find((each) => each.value === defaultValue)?.name
        : defaultValue;
    return [{ name, tells, isId: named.name === 'ID', defaultValue: told }];
  });
}
