import { toClientName } from '../operation/private-names.ts';
import type { EntityBatch } from '../plan/plan.ts';
import type { SupergraphTypes } from '../supergraph/supergraph-types.ts';
import { type ResponsePath, visitEntities } from './entities.ts';
import type { Execution } from './execution.ts';
import { isJsonObject, type JsonObject } from './json.ts';
import { copyJson, merge } from './merge.ts';
import { compileRepresentation, type RepresentationWriter } from './representation.ts';
import { applyRewrites } from './rewrite.ts';

/** The entities of one batch, each asked for once however many places it stands in. */
export interface GatheredBatch {
  readonly key: string;
  readonly variable: string;
  /** The representations as JSON text. */
  readonly texts: readonly string[];
  /** For each representation, the places that wait for it. */
  readonly targets: readonly (readonly Target[])[];
  /** Whether an entity could not be asked about because something required of it never came. */
  readonly incomplete: boolean;
  /** Whether `_entities` answered with one entity for each representation, or not at all (then errors say why). */
  fits(entities: unknown): boolean;
  /** Merges what `_entities` answered into the places that wait. */
  merge(entities: unknown, isAbstract: (typeName: string) => boolean): void;
  /** The client's response paths of the representation at `index`. */
  pathsOf(index: number): readonly ResponsePath[];
}

interface Target {
  readonly object: JsonObject;
  /** Which of the batch's paths leads to it: results are shared within one, and copied between two. */
  readonly path: number;
}

/** Compiles how the entities of a batch are gathered. */
export function compileBatch(
  batch: EntityBatch,
  types: SupergraphTypes,
): (execution: Execution) => GatheredBatch {
  const writerFor = compileRepresentation(batch.requires, types);
  const represent = (
    write: RepresentationWriter,
    entity: JsonObject,
  ): ReturnType<RepresentationWriter> => {
    const text = write(entity);
    if (typeof text !== 'string' || batch.inputRewrites.length === 0) return text;
    const representation: unknown = JSON.parse(text);
    applyRewrites(representation, batch.inputRewrites, types);
    return JSON.stringify(representation);
  };

  return ({ data, coercedVariables }) => {
    const write = writerFor(coercedVariables);
    const indexOfText = new Map<string, number>();
    const targets: Target[][] = [];
    let incomplete = false;
    let paths: ReadonlyMap<JsonObject, readonly ResponsePath[]> | undefined;
    batch.paths.forEach((path, pathIndex) => {
      visitEntities(data, path, types, (object) => {
        const text = represent(write, object);
        if (text === undefined) incomplete = true;
        if (typeof text !== 'string') return;
        const index = indexOfText.get(text);
        if (index === undefined) {
          indexOfText.set(text, targets.push([{ object, path: pathIndex }]) - 1);
        } else {
          targets[index]?.push({ object, path: pathIndex });
        }
      });
    });
    return {
      key: batch.key,
      variable: batch.variable,
      texts: Array.from(indexOfText.keys()),
      targets,
      incomplete,
      fits: (entities) =>
        Array.isArray(entities)
          ? entities.length === targets.length
          : entities === null || entities === undefined,
      merge(entities, isAbstract) {
        if (!Array.isArray(entities)) return;
        for (const [index, places] of targets.entries()) {
          const entity: unknown = entities[index];
          if (!isJsonObject(entity)) continue;
          applyRewrites(entity, batch.outputRewrites, types);
          mergeIntoPlaces(places, entity, isAbstract);
        }
      },
      pathsOf(index) {
        paths ??= pathsOfEntities(data, batch, types);
        const objects = new Set(targets[index]?.map(({ object }) => object));
        return Array.from(objects, (object) => paths?.get(object) ?? []).flat();
      },
    };
  };
}

/** Where in the client's answer each entity of a batch stands; worked out only when there are errors. */
function pathsOfEntities(
  data: JsonObject,
  batch: EntityBatch,
  types: SupergraphTypes,
): ReadonlyMap<JsonObject, readonly ResponsePath[]> {
  const paths = new Map<JsonObject, ResponsePath[]>();
  for (const path of batch.paths) {
    const trail: (string | number)[] = [];
    const visit = (object: JsonObject): void => {
      const place = trail.map(toClientSegment);
      const known = paths.get(object);
      if (known === undefined) paths.set(object, [place]);
      else known.push(place);
    };
    visitEntities(data, path, types, visit, trail);
  }
  return paths;
}

function toClientSegment(segment: string | number): string | number {
  return typeof segment === 'string' ? toClientName(segment) : segment;
}

function mergeIntoPlaces(
  places: readonly Target[],
  entity: JsonObject,
  isAbstract: (typeName: string) => boolean,
): void {
  const ownOfPath = new Map<number, JsonObject>();
  for (const { object, path } of places) {
    let own = ownOfPath.get(path);
    if (own === undefined) {
      own = ownOfPath.size === 0 ? entity : copyJson(entity);
      ownOfPath.set(path, own);
    }
    merge(object, own, isAbstract);
  }
}
