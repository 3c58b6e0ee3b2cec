import { toClientName } from '../operation/private-names.ts';
import type { EntityBatch } from '../plan/plan.ts';
import type { SupergraphTypes } from '../supergraph/supergraph-types.ts';
import { type Holder, type ResponsePath, visitEntities, visitPlaces } from './entities.ts';
import { parseExact, writeExact } from './exact-json.ts';
import type { Execution } from './execution.ts';
import { isJsonObject, type JsonObject } from './json.ts';
import { copyJson, merge } from './merge.ts';
import {
  compileRepresentations,
  type Representation,
  type RepresentationOf,
} from './representation.ts';
import { applyRewrites } from './rewrite.ts';

/** The entities of one batch, each asked for once however many places it stands in. */
export interface GatheredBatch {
  readonly key: string;
  readonly variable: string;
  /** The representations as JSON text. */
  readonly texts: readonly string[];
  /** Variables that only these entities have, as members of a JSON object. */
  readonly ownVariables: readonly string[];
  /** Whether an entity could not be asked about because something required of it never came. */
  readonly incomplete: boolean;
  /** Whether `_entities` answered with one entity for each representation, or not at all (then errors say why). */
  fits(entities: unknown): boolean;
  /** Merges what `_entities` answered into the places that wait. */
  merge(entities: unknown): void;
  /** The client's response paths of the representation at `index`. */
  pathsOf(index: number): readonly ResponsePath[];
}

/** Compiles how the entities of a batch are gathered. */
export function compileBatch(
  batch: EntityBatch,
  types: SupergraphTypes,
  sharing: Sharing,
): (execution: Execution) => GatheredBatch {
  const representationOf = compileRepresentations(batch.requires, types);
  const names: GatheringNames = { key: batch.key, variable: batch.variable, ownVariables: none };
  return (execution) => {
    const gathering = new Gathering(batch, types, sharing, execution, representationOf, names);
    gathering.gatherAll();
    return gathering;
  };
}

/**
 * Whether the places of one path may share what comes back for one entity. They may not in a plan whose
 * paths tell concrete types apart: what one place holds under a key may there differ from another's.
 */
export type Sharing = 'within a path' | 'never';

/** Where the entities of a batch stand, for the paths of errors. */
export type Places = ReadonlyMap<JsonObject, readonly ResponsePath[]>;

/** The names that a gathering goes by in a call, and what its entities alone have. */
export type GatheringNames = Pick<GatheredBatch, 'key' | 'variable' | 'ownVariables'>;

const none: readonly string[] = Object.freeze([]);

export class Gathering implements GatheredBatch {
  readonly key: string;
  readonly variable: string;
  readonly texts: string[] = [];
  readonly ownVariables: readonly string[];
  incomplete = false;
  readonly #batch: EntityBatch;
  readonly #types: SupergraphTypes;
  readonly #sharing: Sharing;
  readonly #data: JsonObject;
  readonly #shared: Set<unknown>;
  readonly #representationOf: RepresentationOf;
  readonly #isStrict: boolean;
  readonly #indexOfText: Map<string, number> = new Map();
  readonly #indexOfIdentity: Map<Representation, Map<unknown, number>> = new Map();
  /** Entities met before, by the value of their representation's first key. */
  readonly #alike: Map<
    Representation,
    Map<unknown, { readonly entity: JsonObject; readonly index: number }[]>
  > = new Map();
  /** For each of the batch's paths. */
  readonly #waiting: Waiting[];
  #places: Places | undefined;

  constructor(
    batch: EntityBatch,
    types: SupergraphTypes,
    sharing: Sharing,
    { data, errors, shared }: Execution,
    representationOf: RepresentationOf,
    { key, variable, ownVariables }: GatheringNames,
  ) {
    this.key = key;
    this.variable = variable;
    this.ownVariables = ownVariables;
    this.#batch = batch;
    this.#types = types;
    this.#sharing = sharing;
    this.#data = data;
    this.#shared = shared;
    this.#representationOf = representationOf;
    this.#isStrict = errors.hasFailures;
    this.#waiting = batch.paths.map(() => ({ objects: [], indices: [], firsts: [] }));
  }

  /** Adds the entities at all paths. */
  gatherAll(): void {
    this.#batch.paths.forEach((path, at) => {
      visitEntities(this.#data, path, this.#types, (object, holder, key) => {
        this.add(at, object, holder, key);
      });
    });
  }

  /** Adds `object`, which is `holder[key]` and stands at the path of index `at`. */
  add(at: number, object: JsonObject, holder: Holder, key: string | number): void {
    const waiting = this.#waiting[at];
    const index = this.#indexOf(object);
    if (waiting === undefined || index === -1) return;
    const { objects, indices, firsts } = waiting;
    const first = firsts[index];
    if (first === object) return;
    if (first === undefined) {
      firsts[index] = object;
    } else if (this.#sharing === 'within a path' && this.#isReference(object)) {
      holder[key] = first;
      this.#shared.add(first);
      return;
    }
    objects.push(object);
    indices.push(index);
  }

  /** Whether an object holds no more than says which entity it is, so that another of that entity can stand for it. */
  #isReference(object: JsonObject): boolean {
    const identity = this.#representationOf(object)?.identity;
    if (identity === null || identity === undefined) return false;
    for (const key in object) if (key !== identity && key !== '__typename') return false;
    return true;
  }

  fits(entities: unknown): boolean {
    return Array.isArray(entities)
      ? entities.length === this.texts.length
      : entities === null || entities === undefined;
  }

  merge(entities: unknown): void {
    if (!Array.isArray(entities)) return;
    const { outputRewrites } = this.#batch;
    if (outputRewrites.length > 0) applyRewrites(entities, outputRewrites, this.#types);
    const isUsed: boolean[] = [];
    for (const [path, { objects, indices }] of this.#waiting.entries()) {
      const own = path === 0 || this.#sharing === 'never' ? entities : copyJson(entities);
      for (let at = 0; at < objects.length; at++) {
        const object = objects[at];
        const index = indices[at] ?? -1;
        const entity: unknown = own[index];
        if (object === undefined || !isJsonObject(entity)) continue;
        const isTaken = this.#sharing === 'never' && isUsed[index] === true;
        isUsed[index] = true;
        merge(object, isTaken ? copyJson(entity) : entity, this.#types.isAbstract);
      }
    }
  }

  pathsOf(index: number): readonly ResponsePath[] {
    this.#places ??= findPlaces(this.#batch, this.#types, this.#data);
    const objects = new Set<JsonObject>();
    for (const waiting of this.#waiting) {
      waiting.objects.forEach((object, at) => {
        if (waiting.indices[at] === index) objects.add(object);
      });
    }
    return Array.from(objects, (object) => this.#places?.get(object) ?? []).flat();
  }

  /** The index of the representation of an entity, -1 when there is none. */
  #indexOf(entity: JsonObject): number {
    const representation = this.#representationOf(entity);
    if (representation === null) return -1;
    const identity = representation.identity === null ? undefined : entity[representation.identity];
    if (typeof identity !== 'string' && typeof identity !== 'number') {
      return this.#indexOfAlike(representation, entity);
    }
    let known = this.#indexOfIdentity.get(representation);
    if (known === undefined) {
      known = new Map();
      this.#indexOfIdentity.set(representation, known);
    }
    let index = known.get(identity);
    if (index === undefined) {
      index = this.#indexOfNew(representation, entity);
      known.set(identity, index);
    }
    return index;
  }

  /** By comparing values with those of entities met before, which costs less than writing the text. */
  #indexOfAlike(representation: Representation, entity: JsonObject): number {
    const { plainKeys } = representation;
    const [first] = plainKeys ?? [];
    if (plainKeys === null || first === undefined) return this.#indexOfNew(representation, entity);
    let byFirst = this.#alike.get(representation);
    if (byFirst === undefined) {
      byFirst = new Map();
      this.#alike.set(representation, byFirst);
    }
    let candidates = byFirst.get(entity[first]);
    if (candidates === undefined) {
      candidates = [];
      byFirst.set(entity[first], candidates);
    }
    const alike = candidates.find((each) => agree(each.entity, entity, plainKeys));
    if (alike !== undefined) return alike.index;
    const index = this.#indexOfNew(representation, entity);
    // Where the first key tells little, looking for the others would be slower than the text.
    if (index !== -1 && candidates.length < MAX_CANDIDATES) candidates.push({ entity, index });
    return index;
  }

  #indexOfNew(representation: Representation, entity: JsonObject): number {
    // After a failure, what is missing was meant to be there.
    const text =
      representation.write(entity) ??
      (this.#isStrict ? undefined : representation.writeComplete(entity));
    if (text === undefined) {
      this.incomplete = true;
      return -1;
    }
    let index = this.#indexOfText.get(text);
    if (index === undefined) {
      index = this.texts.push(this.#rewritten(text)) - 1;
      this.#indexOfText.set(text, index);
    }
    return index;
  }

  #rewritten(text: string): string {
    const { inputRewrites } = this.#batch;
    if (inputRewrites.length === 0) return text;
    const representation = parseExact(text);
    applyRewrites(representation, inputRewrites, this.#types);
    return writeExact(representation);
  }
}

/** What waits at one of a batch's paths: objects and, beside each, the index of what it waits for. */
interface Waiting {
  readonly objects: JsonObject[];
  readonly indices: number[];
  /** The first object for each index. */
  readonly firsts: JsonObject[];
}

function findPlaces(batch: EntityBatch, types: SupergraphTypes, data: JsonObject): Places {
  const places = new Map<JsonObject, ResponsePath[]>();
  for (const path of batch.paths) {
    visitPlaces(data, path, types, (object, trail) => {
      const place = trail.map((segment) =>
        typeof segment === 'string' ? toClientName(segment) : segment,
      );
      const known = places.get(object);
      if (known === undefined) places.set(object, [place]);
      else known.push(place);
    });
  }
  return places;
}

/** How many entities with one first value are compared. */
const MAX_CANDIDATES = 4;

function agree(one: JsonObject, other: JsonObject, keys: readonly string[]): boolean {
  return keys.every((key) => {
    const value = one[key];
    // What is not there is never alike: whether that matters depends on more than the entity.
    return value !== undefined && value === other[key];
  });
}
