import type { RequiredSelection } from '../plan/plan.ts';
import type { TypeConditions } from '../supergraph/type-conditions.ts';
import { isJsonObject, type JsonObject } from './json.ts';

/**
 * Writes the representation of an entity as JSON text: null when the plan requires nothing of its type,
 * undefined when something required is not there (because what should have brought it failed).
 */
export type RepresentationWriter = (entity: JsonObject) => string | null | undefined;

/** Compiles what a plan requires of entities into a writer. Each concrete type is compiled when first seen. */
export function compileRepresentation(
  requires: readonly RequiredSelection[],
  typeConditions: TypeConditions,
): RepresentationWriter {
  const write = compileSelections(requires, typeConditions);
  return (entity) => {
    const text = write(entity);
    return text === '{}' ? null : text;
  };
}

interface RequiredField {
  readonly key: string;
  readonly prefix: string;
  readonly write: ((value: JsonObject) => string | undefined) | null;
}

function compileSelections(
  selections: readonly RequiredSelection[],
  typeConditions: TypeConditions,
): (value: JsonObject) => string | undefined {
  const fieldsOfType = new Map<unknown, readonly RequiredField[]>();
  return (value) => {
    const typeName = value.__typename;
    let fields = fieldsOfType.get(typeName);
    if (fields === undefined) {
      fields = compileFields(collectFields(selections, typeName, typeConditions), typeConditions);
      // Names that no supergraph knows come from a broken subgraph and must not fill the memory.
      if (typeName === undefined || typeConditions.has(String(typeName))) {
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

/** The fields for one concrete type, with the selections of fields that occur twice joined. */
function collectFields(
  selections: readonly RequiredSelection[],
  typeName: unknown,
  typeConditions: TypeConditions,
  fields: Map<string, RequiredSelection[] | null> = new Map(),
): Map<string, RequiredSelection[] | null> {
  for (const selection of selections) {
    if (selection.kind === 'field') {
      const nested = fields.get(selection.key) ?? [];
      fields.set(selection.key, selection.selections && [...nested, ...selection.selections]);
    } else if (
      selection.type === typeName ||
      (typeof typeName === 'string' && typeConditions.get(selection.type)?.has(typeName))
    ) {
      collectFields(selection.selections, typeName, typeConditions, fields);
    }
  }
  return fields;
}

function compileFields(
  fields: Map<string, RequiredSelection[] | null>,
  typeConditions: TypeConditions,
): readonly RequiredField[] {
  return Array.from(fields, ([key, selections]) => ({
    key,
    prefix: `${JSON.stringify(key)}:`,
    write: selections === null ? null : compileSelections(selections, typeConditions),
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
