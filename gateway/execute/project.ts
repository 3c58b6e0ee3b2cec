import {
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLAbstractType,
  type GraphQLCompositeType,
  type GraphQLInterfaceType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNullableType,
  isInterfaceType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  Kind,
  SchemaMetaFieldDef,
  type SelectionSetNode,
  TypeMetaFieldDef,
} from 'graphql';
import { deniedPoint } from '../operation/denied.ts';
import { toClientName } from '../operation/private-names.ts';
import type { SupergraphTypes } from '../supergraph/supergraph-types.ts';
import type { AnswerErrors } from './answer-errors.ts';
import { collectFields } from './collect-fields.ts';
import type { ResponsePath } from './entities.ts';
import { isJsonObject, type JsonObject } from './json.ts';
import { buildObjectWriter, type FieldWriting } from './object-writer.ts';
import { Place, type Writer } from './place.ts';
import { compileLeaf } from './write-leaf.ts';

/** Writes the answer's data as JSON text, and says in `errors` what the schema does not allow. */
export type Projection = (
  data: JsonObject,
  errors: AnswerErrors,
  shared: ReadonlySet<unknown>,
) => string;

/**
 * Compiles the selection of an operation (its conditions resolved) into functions that write the answer as JSON text.
 *
 * Only what was asked for and what the schema shows is written; null propagation follows the GraphQL
 * specification (§6.4.4). Each concrete type of an abstract selection is compiled when it is first seen.
 */
export function compileProjection(
  { schema, types }: Schemas,
  rootType: GraphQLObjectType,
  selectionSet: SelectionSetNode,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
): Projection {
  const compiler: Compiler = { schema, types, fragments };
  const write = compileObject(compiler, rootType, [selectionSet]);
  return (data, errors, shared) => write(data, new Place(errors, shared), 0) ?? 'null';
}

/** Writes one object of a part of the answer that comes later; null when a null in it leaves nothing to show. */
export type PartProjection = (
  object: JsonObject,
  path: ResponsePath,
  errors: AnswerErrors,
  shared: ReadonlySet<unknown>,
) => string | null;

/** Compiles a selection on objects of `type` that stand somewhere below the root. */
export function compilePart(
  { schema, types }: Schemas,
  type: GraphQLCompositeType,
  selectionSet: SelectionSetNode,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
): PartProjection {
  const compiler: Compiler = { schema, types, fragments };
  const write = isObjectType(type)
    ? compileObject(compiler, type, [selectionSet])
    : compileAbstract(compiler, type, [selectionSet], { coordinate: type.name, isNonNull: false });
  return (object, path, errors, shared) => {
    const place = new Place(errors, shared);
    place.path.push(...path);
    return write(object, place, path.length);
  };
}

/** What clients see, and what there is. */
export interface Schemas {
  readonly schema: GraphQLSchema;
  readonly types: SupergraphTypes;
}

interface Compiler extends Schemas {
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
}

function compileObject(
  compiler: Compiler,
  type: GraphQLObjectType | GraphQLInterfaceType,
  selectionSets: readonly SelectionSetNode[],
): Writer {
  const fields = collectFields(compiler, type, selectionSets);
  const write = buildObjectWriter(
    Array.from(fields, ([source, nodes]): FieldWriting => {
      const key = toClientName(source);
      const name = nodes[0].name.value;
      if (name === '__typename') return { kind: 'constant', key, text: JSON.stringify(type.name) };
      const fieldType = typeOfField(compiler.schema, type, name);
      const isNonNull = isNonNullType(fieldType);
      // One that is denied as a field of an interface may be allowed as one of this object.
      const points = nodes.map(deniedPoint);
      const [point] = points;
      if (point !== undefined && point !== null && !points.includes(null)) {
        return { kind: 'denied', key, isNonNull, point };
      }
      const coordinate = `${type.name}.${name}`;
      const named = getNullableType(fieldType);
      const leaf = isLeafType(named) ? named.name : null;
      const write = compileValue(compiler, fieldType, nodes, coordinate);
      return { kind: 'value', key, source, coordinate, isNonNull, write, leaf };
    }),
  );
  return (value, place, depth) =>
    place.isShared(value) ? place.writeOnce(value, depth, write) : write(value, place, depth);
}

function typeOfField(
  schema: GraphQLSchema,
  parent: GraphQLObjectType | GraphQLInterfaceType,
  name: string,
): GraphQLOutputType {
  if (parent === schema.getQueryType()) {
    if (name === SchemaMetaFieldDef.name) return SchemaMetaFieldDef.type;
    if (name === TypeMetaFieldDef.name) return TypeMetaFieldDef.type;
  }
  const field = parent.getFields()[name];
  if (field === undefined) throw new TypeError(`${parent.name}.${name} was not validated`);
  return field.type;
}

function compileValue(
  compiler: Compiler,
  type: GraphQLOutputType,
  nodes: readonly FieldNode[],
  coordinate: string,
): Writer {
  const isNonNull = isNonNullType(type);
  const nullable = getNullableType(type);
  if (isListType(nullable)) return compileList(compiler, nullable.ofType, nodes, coordinate);
  if (isLeafType(nullable)) return reporting(coordinate, compileLeaf(nullable));
  const selectionSets = nodes.flatMap((node) => node.selectionSet ?? []);
  if (isObjectType(nullable)) {
    const write = compileObject(compiler, nullable, selectionSets);
    return reporting(coordinate, (value) => isJsonObject(value), write);
  }
  return compileAbstract(compiler, nullable, selectionSets, { coordinate, isNonNull });
}

/** A writer that first checks that the value fits, and says so when it does not. */
function reporting(
  coordinate: string,
  fits: ((value: unknown) => boolean) | ((value: unknown) => string | null),
  write?: Writer,
): Writer {
  return (value, place, depth) => {
    const result = fits(value);
    if (typeof result === 'string') return result;
    if (result === true && write !== undefined) return write(value, place, depth);
    place.invalid(depth - 1, place.path[depth - 1] ?? '', coordinate);
    return null;
  };
}

function compileList(
  compiler: Compiler,
  itemType: GraphQLOutputType,
  nodes: readonly FieldNode[],
  coordinate: string,
): Writer {
  const write = compileValue(compiler, itemType, nodes, coordinate);
  const nonNull = isNonNullType(itemType);
  return (value, place, depth) => {
    if (!Array.isArray(value)) {
      place.invalid(depth - 1, place.path[depth - 1] ?? '', coordinate);
      return null;
    }
    let text = '[';
    for (let index = 0; index < value.length; index++) {
      const item: unknown = value[index];
      let part: string | null = null;
      if (item === null || item === undefined) {
        if (nonNull) place.nonNull(depth, index, coordinate);
      } else {
        place.path[depth] = index;
        part = write(item, place, depth + 1);
      }
      if (part === null && nonNull) return null;
      text += index === 0 ? (part ?? 'null') : `,${part ?? 'null'}`;
    }
    return `${text}]`;
  };
}

function compileAbstract(
  compiler: Compiler,
  abstract: GraphQLAbstractType,
  selectionSets: readonly SelectionSetNode[],
  { coordinate, isNonNull }: { readonly coordinate: string; readonly isNonNull: boolean },
): Writer {
  const { schema, types } = compiler;
  const writers = new Map<string, Writer | null>();
  const writerOf = (name: string): Writer | null => {
    const type = schema.getType(name);
    if (isObjectType(type) && schema.isSubType(abstract, type)) {
      return compileObject(compiler, type, selectionSets);
    }
    // A subgraph that knows the interface as an @interfaceObject cannot tell which object it is. It need
    // not, where only fields of the interface are asked for.
    const isInterface = name === abstract.name && isInterfaceType(abstract);
    return isInterface && !needsObjectType(compiler, abstract, selectionSets)
      ? compileObject(compiler, abstract, selectionSets)
      : null;
  };
  return (value, place, depth) => {
    const name = isJsonObject(value) ? value.__typename : undefined;
    if (typeof name === 'string') {
      let write = writers.get(name);
      if (write === undefined) {
        write = writerOf(name);
        // A name that the schema does not show must not fill the memory.
        if (write !== null) writers.set(name, write);
      }
      if (write !== null) return write(value, place, depth);
      // There are such objects, and clients must not know: no fault of the subgraph's that is worth an error.
      const isHidden = schema.getType(name) === undefined && types.matches(abstract.name, name);
      if (isHidden && !isNonNull) return null;
    }
    place.invalid(depth - 1, place.path[depth - 1] ?? '', coordinate);
    return null;
  };
}

/** Whether a selection on an interface asks for the type of the object, or for fields that only some have. */
function needsObjectType(
  compiler: Compiler,
  type: GraphQLInterfaceType,
  selectionSets: readonly SelectionSetNode[],
): boolean {
  const isNeeded = (selectionSet: SelectionSetNode): boolean =>
    selectionSet.selections.some((selection) => {
      if (selection.kind === Kind.FIELD) return selection.name.value === '__typename';
      const fragment =
        selection.kind === Kind.INLINE_FRAGMENT
          ? selection
          : compiler.fragments.get(selection.name.value);
      if (fragment === undefined) return false;
      const condition = fragment.typeCondition?.name.value ?? type.name;
      return condition !== type.name || isNeeded(fragment.selectionSet);
    });
  return selectionSets.some(isNeeded);
}
