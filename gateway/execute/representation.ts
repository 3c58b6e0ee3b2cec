import type { RequiredSelection } from '../plan/plan.ts';
import type { SupergraphTypes } from '../supergraph/supergraph-types.ts';
import { parseExact, writeExact } from './exact-json.ts';
import { isJsonObject, type JsonObject } from './json.ts';
import type { PlaceType } from './place-types.ts';
import { quote } from './write-leaf.ts';

/** How entities of one concrete type are represented. */
export interface Representation {
  /** The key of the answer by whose value alone entities of this type differ; null when it takes more. */
  readonly identity: string | null;
  /**
   * The keys of the answer that it is written from, where all of them hold plain values: entities that agree in
   * them have one representation. Null where it takes more to tell.
   */
  readonly plainKeys: readonly string[] | null;
  /** The representation as JSON text; undefined when something required is not there (what should have brought it failed). */
  write(entity: JsonObject): string | undefined;
  /**
   * The same from those required fragments alone of which everything is there. A planner may require under
   * one fragment what it fetched under a condition that did not hold.
   */
  writeComplete(entity: JsonObject): string | undefined;
}

/** How an entity is represented; null when the plan requires nothing of its type. */
export type RepresentationOf = (entity: JsonObject) => Representation | null;

/**
 * Compiles what a plan requires of the entities at a place. Where they have to say their type, each one is compiled
 * when it is first seen.
 */
export function compileRepresentations(
  selections: readonly RequiredSelection[],
  types: SupergraphTypes,
  place: PlaceType,
): RepresentationOf {
  if (place.object !== null) {
    const only = compileType(selections, place.object, types, place);
    return () => only;
  }
  const ofType = new Map<unknown, Representation | null>();
  return ({ __typename: typeName }) => {
    let known = ofType.get(typeName);
    if (known === undefined) {
      known = compileType(selections, typeName, types, place);
      // Names that no supergraph knows come from a broken subgraph and must not fill the memory.
      if (typeName === undefined || types.isKnown(String(typeName))) ofType.set(typeName, known);
    }
    return known;
  };
}

interface RequiredField {
  /** Where the answer holds it. */
  readonly key: string;
  readonly prefix: string;
  readonly representationOf: RepresentationOf | null;
}

function compileType(
  selections: readonly RequiredSelection[],
  typeName: unknown,
  types: SupergraphTypes,
  place: PlaceType,
): Representation | null {
  const collected = collectFields(selections, typeName, types);
  if (collected.size === 0) return null;
  const fields: RequiredField[] = [];
  // The same for all entities of the type.
  let opening = '{';
  for (const [as, { key, selections: inner }] of collected) {
    const prefix = `${JSON.stringify(as)}:`;
    if (key === '__typename' && typeof typeName === 'string')
      opening += `${opening === '{' ? '' : ','}${prefix}${JSON.stringify(typeName)}`;
    else
      fields.push({
        key,
        prefix,
        representationOf: inner && compileRepresentations(inner, types, place.at(key)),
      });
  }
  const [only] = fields;
  return {
    writeComplete: (entity) => writeCompleteFragments(selections, entity, typeName, types, place),
    plainKeys: fields.every((field) => field.representationOf === null)
      ? fields.map((field) => field.key)
      : null,
    identity: fields.length === 1 && only?.representationOf === null ? only.key : null,
    write(entity) {
      let text = opening;
      for (const { key, prefix, representationOf } of fields) {
        const part = writeValue(entity[key], representationOf);
        if (part === undefined) return undefined;
        text += (text === '{' ? '' : ',') + prefix + part;
      }
      return `${text}}`;
    },
  };
}

/** Not on the usual way: each fragment is compiled for this one entity. */
function writeCompleteFragments(
  selections: readonly RequiredSelection[],
  entity: JsonObject,
  typeName: unknown,
  types: SupergraphTypes,
  place: PlaceType,
): string | undefined {
  let complete: JsonObject | undefined;
  for (const selection of selections) {
    const text = compileType([selection], typeName, types, place)?.write(entity);
    if (text !== undefined) complete = { ...complete, ...(parseExact(text) as JsonObject) };
  }
  return complete && writeExact(complete);
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

function writeValue(value: unknown, representationOf: RepresentationOf | null): string | undefined {
  if (value === undefined) return undefined;
  if (value === null) return 'null';
  if (typeof value === 'string') return quote(value);
  if (representationOf === null) return writeExact(value);
  if (isJsonObject(value)) {
    const representation = representationOf(value);
    return representation === null ? '{}' : representation.write(value);
  }
  if (!Array.isArray(value)) return writeExact(value);
  const items: string[] = [];
  for (const item of value) {
    const part = writeValue(item, representationOf);
    if (part === undefined) return undefined;
    items.push(part);
  }
  return `[${items.join(',')}]`;
}
