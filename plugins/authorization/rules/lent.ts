import type { Coordinates, FieldCoordinate, TypeCoordinate } from '#gateway/plugin.ts';
import type { Entry } from './entry.ts';

/**
 * The fields whose grants are lent to another one: whoever was granted one of them has it too, since it tells nothing
 * beyond them. By the index of the borrower.
 *
 * - A root field of a query or subscription that belongs to a type is a door to it: any field of the type opens it.
 * - The types around a list, `PostConnection` and `PostEdge` of `Post`, and `PageInfo`.
 * - What a mutation answers with, `UpdatePostPayload`.
 * - The key of what a mutation changes: whoever creates a post is told its id.
 *
 * An entity never borrows but its key: its fields are what grants are about.
 */
export function readLent(
  coordinates: Coordinates,
  entries: readonly Entry[],
): readonly (readonly FieldCoordinate[])[] {
  const mutations = coordinates.fields.filter(({ type }) => type.operation === 'mutation');
  const lenders = (field: FieldCoordinate): readonly FieldCoordinate[] => {
    const { type } = field;
    if (type.kind !== 'object') return [];
    if (type.operation !== null) {
      const model = type.operation === 'mutation' ? null : entries[field.index]?.model;
      return model ? fieldsOf(model) : [];
    }
    if (type.keys.has(field.name)) {
      return mutations.filter(({ index }) => entries[index]?.model === type);
    }
    if (type.keys.size > 0) return [];
    if (type.name === 'PageInfo') return coordinates.fields.filter(isOfData);
    const listed = /^(.+)(?:Connection|Edge)$/.exec(type.name)?.[1];
    const model = listed === undefined ? undefined : coordinates.typeOf(listed);
    if (model !== undefined) return fieldsOf(model);
    if (!type.name.endsWith('Payload')) return [];
    return mutations.filter(({ composite }) => composite === type);
  };
  return coordinates.fields.map(lenders);
}

function fieldsOf(type: TypeCoordinate): readonly FieldCoordinate[] {
  return [type, ...type.members].flatMap((each) => each.fields);
}

function isOfData({ type }: FieldCoordinate): boolean {
  return type.operation === null && type.kind === 'object' && type.keys.size > 0;
}
