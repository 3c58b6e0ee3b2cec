import { LRUCache } from 'lru-cache';
import { shapeOf } from '../operation/conditions.ts';
import { toClientName } from '../operation/private-names.ts';
import type { RequiredSelection } from '../plan/plan.ts';
import type { SupergraphTypes } from '../supergraph/supergraph-types.ts';
import { isJsonObject, type JsonObject } from './json.ts';

/** How many outcomes of its conditions a requirement keeps compiled. */
const MAX_SHAPES = 16;

/**
 * Writes the representation of an entity as JSON text: null when the plan requires nothing of its type,
 * undefined when something required is not there (because what should have brought it failed).
 */
export type RepresentationWriter = (entity: JsonObject) => string | null | undefined;

/**
 * Compiles what a plan requires of entities into writers, one for each outcome of the conditions in it
 * (`@skip` and `@include` of the fragments that the requirement comes from). Each concrete type is compiled
 * when it is first seen.
 */
export function compileRepresentation(
  requires: readonly RequiredSelection[],
  types: SupergraphTypes,
): (variables: Readonly<Record<string, unknown>>) => RepresentationWriter {
  const conditions = [...conditionsOf(requires)];
  const writers = new LRUCache<string, RepresentationWriter>({ max: MAX_SHAPES });
  return (variables) => {
    const shape = shapeOf(conditions, variables);
    let writer = writers.get(shape);
    if (writer === undefined) {
      const write = compileSelections(activeOf(requires, variables), types);
      writer = (entity) => {
        const text = write(entity);
        return text === '{}' ? null : text;
      };
      writers.set(shape, writer);
    }
    return writer;
  };
}

function conditionsOf(selections: readonly RequiredSelection[]): Set<string> {
  const names = new Set<string>();
  for (const selection of selections) {
    if (selection.kind === 'fragment') {
      if (selection.includeIf !== null) names.add(toClientName(selection.includeIf));
      if (selection.skipIf !== null) names.add(toClientName(selection.skipIf));
    }
    for (const name of conditionsOf(selection.selections ?? [])) names.add(name);
  }
  return names;
}

function activeOf(
  selections: readonly RequiredSelection[],
  variables: Readonly<Record<string, unknown>>,
): readonly RequiredSelection[] {
  return selections.flatMap((selection): readonly RequiredSelection[] => {
    if (selection.kind === 'field') {
      const nested = selection.selections && activeOf(selection.selections, variables);
      return [{ ...selection, selections: nested }];
    }
    const { includeIf, skipIf } = selection;
    const isActive =
      (includeIf === null || variables[toClientName(includeIf)] === true) &&
      (skipIf === null || variables[toClientName(skipIf)] !== true);
    return isActive
      ? [{ ...selection, selections: activeOf(selection.selections, variables) }]
      : [];
  });
}

interface RequiredField {
  /** Where the answer holds it. */
  readonly key: string;
  readonly prefix: string;
  readonly write: ((value: JsonObject) => string | undefined) | null;
}

function compileSelections(
  selections: readonly RequiredSelection[],
  types: SupergraphTypes,
): (value: JsonObject) => string | undefined {
  const fieldsOfType = new Map<unknown, readonly RequiredField[]>();
  return (value) => {
    const typeName = value.__typename;
    let fields = fieldsOfType.get(typeName);
    if (fields === undefined) {
      fields = compileFields(collectFields(selections, typeName, types), types);
      // Names that no supergraph knows come from a broken subgraph and must not fill the memory.
      if (typeName === undefined || types.isKnown(String(typeName))) {
        fieldsOfType.set(typeName, fields);
      }
    }
    let text = '{';
    for (const field of fields) {
      const part = writeValue(value[field.key], field.write);
      if (part === undefined) return undefined;
      text += (text === '{' ? '' : ',') + field.prefix + part;
    }
    return `${text}}`;
  };
}

interface CollectedField {
  readonly key: string;
  readonly selections: readonly RequiredSelection[] | null;
}

/** The fields for one concrete type by their name in the representation, selections of one name joined. */
function collectFields(
  selections: readonly RequiredSelection[],
  typeName: unknown,
  types: SupergraphTypes,
  fields: Map<string, CollectedField> = new Map(),
): Map<string, CollectedField> {
  for (const selection of selections) {
    if (selection.kind === 'field') {
      const { key, as } = selection;
      const before = fields.get(as)?.selections ?? [];
      const nested = selection.selections && [...before, ...selection.selections];
      fields.set(as, { key, selections: nested });
    } else if (typeof typeName === 'string' && types.matches(selection.type, typeName)) {
      collectFields(selection.selections, typeName, types, fields);
    }
  }
  return fields;
}

function compileFields(
  fields: Map<string, CollectedField>,
  types: SupergraphTypes,
): readonly RequiredField[] {
  return Array.from(fields, ([as, { key, selections }]) => ({
    key,
    prefix: `${JSON.stringify(as)}:`,
    write: selections === null ? null : compileSelections(selections, types),
  }));
}

function writeValue(
  value: unknown,
  write: ((value: JsonObject) => string | undefined) | null,
): string | undefined {
  if (value === undefined) return undefined;
  if (value === null) return 'null';
  if (write === null) return JSON.stringify(value);
  if (isJsonObject(value)) return write(value);
  if (!Array.isArray(value)) return JSON.stringify(value);
  const items: string[] = [];
  for (const item of value) {
    const part = writeValue(item, write);
    if (part === undefined) return undefined;
    items.push(part);
  }
  return `[${items.join(',')}]`;
}
