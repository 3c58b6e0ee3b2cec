import { CodedError } from '#contract/errors.ts';
import type { Coordinates, FieldCoordinate, TypeCoordinate } from './coordinates.ts';
import { narrowSchema } from './narrow-schema.ts';
import type { Supergraph } from './supergraph.ts';
import { createView, type View } from './view.ts';

/**
 * The supergraph as clients see it where some of its subgraphs are nowhere: without the fields that only they answer,
 * and without what needs those. For everybody they do not exist: not for a view, not in introspection, not in a plan.
 * @throws CodedError CONFIGURATION_INVALID when nothing is left
 */
export function hideSubgraphs(supergraph: Supergraph, hidden: ReadonlySet<string>): Supergraph {
  if (hidden.size === 0) return supergraph;
  const view = createView(
    supergraph.coordinates,
    ({ subgraphs }) => subgraphs.length === 0 || subgraphs.some((name) => !hidden.has(name)),
  );
  if (view.isEmpty) {
    throw new CodedError(
      'CONFIGURATION_INVALID',
      `No plugin of this gateway is the subgraph ${[...hidden].join(', ')}, and there is no other`,
    );
  }
  const schema = narrowSchema(view);
  return Object.freeze({ ...supergraph, schema, coordinates: narrowed(view, schema, hidden) });
}

type Building<Value> = { -readonly [Key in keyof Value]: Value[Key] };

/** What a view shows of its coordinates, as coordinates of their own. */
function narrowed(
  view: View,
  schema: Coordinates['schema'],
  hidden: ReadonlySet<string>,
): Coordinates {
  const { fields, types, isGuarded } = view.coordinates;
  const fieldOf = new Map<FieldCoordinate, Building<FieldCoordinate>>();
  const typeOf = new Map<TypeCoordinate, Building<TypeCoordinate>>();
  const shownTypes = types
    .filter((type) => view.showsType(type))
    .map((type, index): Building<TypeCoordinate> => {
      const copy = { ...type, index };
      typeOf.set(type, copy);
      return copy;
    });
  const shownFields = fields
    .filter((field) => view.shows(field))
    .map((field, index): Building<FieldCoordinate> => {
      const subgraphs = field.subgraphs.filter((name) => !hidden.has(name));
      const copy = { ...field, index, subgraphs };
      fieldOf.set(field, copy);
      return copy;
    });
  const typesOf = (list: readonly TypeCoordinate[]): readonly TypeCoordinate[] =>
    list.flatMap((type) => typeOf.get(type) ?? []);
  const fieldsOf = (list: readonly FieldCoordinate[]): readonly FieldCoordinate[] =>
    list.flatMap((field) => fieldOf.get(field) ?? []);
  for (const type of shownTypes) {
    type.fields = fieldsOf(type.fields);
    // As in its schema: an interface without a field is a union.
    if (type.kind === 'interface' && type.fields.length === 0) type.kind = 'union';
    type.members = typesOf(type.members);
  }
  for (const type of shownTypes) {
    type.interfaces = typesOf(type.interfaces).filter(({ kind }) => kind === 'interface');
  }
  for (const field of shownFields) {
    const type = typeOf.get(field.type);
    if (type === undefined) throw new TypeError('a field is shown without its type');
    field.type = type;
    field.composite = field.composite === null ? null : (typeOf.get(field.composite) ?? null);
    field.requires = fieldsOf(field.requires);
  }
  const byCoordinate = new Map(shownFields.map((field) => [field.coordinate, field]));
  const byName = new Map(shownTypes.map((type) => [type.name, type]));
  return Object.freeze({
    schema,
    fields: shownFields,
    types: shownTypes,
    fieldOf: (type: string, field: string) => byCoordinate.get(`${type}.${field}`),
    typeOf: (name: string) => byName.get(name),
    isGuarded,
  });
}
