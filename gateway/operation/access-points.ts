import {
  type ArgumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  Kind,
  type OperationTypeNode,
  type SelectionSetNode,
  valueFromASTUntyped,
} from 'graphql';
import type { Coordinates, FieldCoordinate, TypeCoordinate } from '../supergraph/coordinates.ts';
import { toClientName } from './private-names.ts';
import type { Operation } from './resolve-conditions.ts';

/** A field that an operation asks for, in one place of its text. */
export interface AccessPoint {
  /** Its place in the list of points. */
  readonly index: number;
  /** The field; null for the introspection fields `__schema` and `__type`. */
  readonly field: FieldCoordinate | null;
  readonly node: FieldNode;
  /** The response keys that lead to it; where its fragment is spread in several places, those of the first. */
  readonly path: readonly string[];
  /** Whether it stands at the root of the operation. */
  readonly isRoot: boolean;
}

/** What an operation, its conditions resolved, would touch. */
export interface AccessPoints {
  readonly operation: OperationTypeNode;
  readonly points: readonly AccessPoint[];
  /** The types that its fragments are on. */
  readonly conditions: readonly TypeCoordinate[];
}

/** Collects what an operation would touch; `__typename` touches nothing. The text has to be valid. */
export function collectAccessPoints(
  coordinates: Coordinates,
  { definition, fragments }: Operation,
): AccessPoints {
  const points: AccessPoint[] = [];
  const conditions = new Set<TypeCoordinate>();
  const seen = new Set<FragmentDefinitionNode>();
  const root = coordinates.schema.getRootType(definition.operation)?.name ?? '';
  const collect = (
    { selections }: SelectionSetNode,
    type: string,
    above: readonly string[],
  ): void => {
    for (const selection of selections) {
      if (selection.kind === Kind.FIELD) {
        addField(selection, type, above);
        continue;
      }
      const isSpread = selection.kind === Kind.FRAGMENT_SPREAD;
      const fragment = isSpread ? fragments.get(selection.name.value) : selection;
      if (fragment === undefined) continue;
      const condition = fragment.typeCondition?.name.value ?? type;
      const conditional = coordinates.typeOf(condition);
      if (condition !== type && conditional !== undefined) conditions.add(conditional);
      if (fragment.kind === Kind.FRAGMENT_DEFINITION) {
        // Wherever it is spread, its fields are those of its own type.
        if (seen.has(fragment)) continue;
        seen.add(fragment);
      }
      collect(fragment.selectionSet, condition, above);
    }
  };
  const addField = (node: FieldNode, type: string, above: readonly string[]): void => {
    const name = node.name.value;
    if (name === '__typename') return;
    const field = coordinates.fieldOf(type, name) ?? null;
    if (field === null && name !== '__schema' && name !== '__type') {
      throw new TypeError(`${type}.${name} was not validated`);
    }
    const path = [...above, toClientName(node.alias?.value ?? name)];
    points.push({ index: points.length, field, node, path, isRoot: above.length === 0 });
    if (field?.composite && node.selectionSet) {
      collect(node.selectionSet, field.composite.name, path);
    }
  };
  collect(definition.selectionSet, root, []);
  return { operation: definition.operation, points, conditions: [...conditions] };
}

/**
 * The values of a field's arguments for coerced variables, by the client's names. An argument whose variable has
 * no value is left out; defaults of the schema are not filled in.
 */
export function argumentValues(
  { arguments: given = [] }: FieldNode,
  variables: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  if (given.length === 0) return noArguments;
  const values: Record<string, unknown> = {};
  for (const argument of given) {
    const value = valueOfArgument(argument, variables);
    if (value !== undefined) values[argument.name.value] = value;
  }
  return values;
}

const noArguments: Readonly<Record<string, unknown>> = Object.freeze({});

function valueOfArgument(
  { value }: ArgumentNode,
  variables: Readonly<Record<string, unknown>>,
): unknown {
  if (value.kind === Kind.VARIABLE) return variables[toClientName(value.name.value)];
  const inside = new Proxy(variables, {
    get: (target, name) => (typeof name === 'string' ? target[toClientName(name)] : undefined),
  });
  return valueFromASTUntyped(value, inside as { [variable: string]: unknown });
}
