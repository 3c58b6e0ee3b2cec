import type { Coordinates, FieldCoordinate, TypeCoordinate } from './coordinates.ts';

/**
 * What somebody may touch of a supergraph: one bit for each field and each type. Equal ones are kept once by
 * whoever makes them; a thousand of them weigh less than one schema.
 */
export class View {
  readonly coordinates: Coordinates;
  /** Whether everything may be touched. */
  readonly isWhole: boolean;
  /** Whether no operation finds anything in it. */
  readonly isEmpty: boolean;
  readonly #fields: Bits;
  readonly #types: Bits;

  constructor(coordinates: Coordinates, fields: Bits, types: Bits) {
    this.coordinates = coordinates;
    this.#fields = fields;
    this.#types = types;
    this.isWhole = coordinates.fields.every((field) => this.shows(field));
    this.isEmpty = coordinates.types.every(
      (type) => type.operation === null || !this.showsType(type),
    );
  }

  shows({ index }: FieldCoordinate): boolean {
    return has(this.#fields, index);
  }

  showsType({ index }: TypeCoordinate): boolean {
    return has(this.#types, index);
  }
}

type Bits = Uint32Array;

/**
 * The view of somebody who may touch the fields that `allows` says.
 *
 * What a field stands for follows from there, and only ever to less:
 *
 * - a field needs the fields that subgraphs are given to answer it (`@requires`, `@fromContext`);
 * - a field of an interface needs that field of every type that implements it;
 * - a type shows when any of its fields does, an interface or union when any of its types does;
 * - a field needs the type that it returns to show.
 */
export function createView(
  coordinates: Coordinates,
  allows: (field: FieldCoordinate) => boolean,
): View {
  const { fields, types } = coordinates;
  const shape = shapeOf(coordinates);
  const fieldBits = new Uint32Array((fields.length + 31) >>> 5).fill(0xffffffff);
  const typeBits = new Uint32Array((types.length + 31) >>> 5).fill(0xffffffff);
  // Of a type, its fields that show; of an abstract one besides, its types that do.
  const left = Uint32Array.from(shape.parts);
  const pending: FieldCoordinate[] = [];

  const hide = (field: FieldCoordinate): void => {
    if (!has(fieldBits, field.index)) return;
    clear(fieldBits, field.index);
    pending.push(field);
  };
  const lessen = (type: TypeCoordinate): void => {
    left[type.index] = (left[type.index] ?? 0) - 1;
    if (left[type.index] !== 0) return;
    clear(typeBits, type.index);
    for (const field of shape.returning[type.index] ?? []) hide(field);
    for (const parent of shape.parents[type.index] ?? []) lessen(parent);
  };
  for (const field of fields) if (!allows(field)) hide(field);
  // Those that nothing could ever show.
  for (const type of types) {
    if (shape.parts[type.index] === 0) {
      left[type.index] = 1;
      lessen(type);
    }
  }
  for (let field = pending.pop(); field !== undefined; field = pending.pop()) {
    for (const dependent of shape.dependents[field.index] ?? []) hide(dependent);
    lessen(field.type);
  }

  return new View(coordinates, fieldBits, typeBits);
}

/** What depends on what, the same for all views of a supergraph. */
interface Shape {
  /** Of each field, the fields that need it. */
  readonly dependents: readonly (readonly FieldCoordinate[])[];
  /** Of each type, the fields that return it. */
  readonly returning: readonly (readonly FieldCoordinate[])[];
  /** Of each type, the interfaces and unions that it is of. */
  readonly parents: readonly (readonly TypeCoordinate[])[];
  /** Of each type, how many fields and types could make it show. */
  readonly parts: readonly number[];
}

const shapes = new WeakMap<Coordinates, Shape>();

function shapeOf(coordinates: Coordinates): Shape {
  const known = shapes.get(coordinates);
  if (known !== undefined) return known;
  const { fields, types } = coordinates;
  const dependents: FieldCoordinate[][] = fields.map(() => []);
  const returning: FieldCoordinate[][] = types.map(() => []);
  const parents: TypeCoordinate[][] = types.map(() => []);
  for (const field of fields) {
    for (const needed of field.requires) dependents[needed.index]?.push(field);
    for (const parent of field.type.interfaces) {
      const inherited = coordinates.fieldOf(parent.name, field.name);
      if (inherited !== undefined) dependents[field.index]?.push(inherited);
    }
    if (field.composite !== null) returning[field.composite.index]?.push(field);
  }
  for (const type of types) for (const member of type.members) parents[member.index]?.push(type);
  const parts = types.map((type) => type.fields.length + type.members.length);
  const shape = { dependents, returning, parents, parts };
  shapes.set(coordinates, shape);
  return shape;
}

function has(bits: Bits, index: number): boolean {
  return (((bits[index >>> 5] ?? 0) >>> (index & 31)) & 1) === 1;
}

function clear(bits: Bits, index: number): void {
  const word = index >>> 5;
  bits[word] = (bits[word] ?? 0) & ~(1 << (index & 31));
}
