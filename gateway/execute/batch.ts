import { toClientName } from '../operation/private-names.ts';
import type { EntityBatch } from '../plan/plan.ts';
import type { SupergraphTypes } from '../supergraph/supergraph-types.ts';
import type { Compilation } from './compilation.ts';
import { compileWalk } from './compile-walk.ts';
import { type Holder, type ResponsePath, visitPlaces } from './entities.ts';
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
  compilation: Compilation,
): (execution: Execution) => GatheredBatch {
  const compiled = compileEntities(batch, compilation);
  const walk = compileWalk(batch.paths, compilation.types);
  const names: GatheringNames = { key: batch.key, variable: batch.variable, ownVariables: none };
  return (execution) => {
    const gathering = new Gathering(compiled, execution, names);
    walk(execution.data, (at, object, holder, key) => gathering.add(at, object, holder, key));
    return gathering;
  };
}

/** What all gatherings of a batch have in common. */
export interface CompiledEntities extends Pick<Compilation, 'types' | 'sharing'> {
  readonly batch: EntityBatch;
  /** For each of its paths. */
  readonly representations: readonly RepresentationOf[];
}

/** Compiles how the entities of a batch are represented. */
export function compileEntities(
  batch: EntityBatch,
  { types, sharing, root }: Compilation,
): CompiledEntities {
  const representations = batch.paths.map((path) =>
    compileRepresentations(batch.requires, types, root.follow(path)),
  );
  return { batch, types, sharing, representations };
}

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
  readonly #sharing: Compilation['sharing'];
  readonly #data: JsonObject;
  readonly #shared: Set<unknown>;
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
    { batch, types, sharing, representations }: CompiledEntities,
    { data, errors, shared }: Execution,
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
    this.#isStrict = errors.hasFailures;
    this.#waiting = representations.map((representationOf) => ({
      representationOf,
      objects: [],
      indices: [],
      firsts: [],
    }));
  }

  /** Adds `object`, which is `holder[key]` and stands at the path of index `at`. */
  add(at: number, object: JsonObject, holder: Holder, key: string | number): void {
    const waiting = this.#waiting[at];
    if (waiting === undefined) return;
    const { objects, indices, firsts } = waiting;
    const representation = waiting.representationOf(object);
    const index = representation === null ? -1 : this.#indexOf(representation, object);
    if (representation === null || index === -1) return;
    const first = firsts[index];
    if (first === object) return;
    if (first === undefined) {
      firsts[index] = object;
    } else if (this.#sharing === 'within a path' && isReference(object, representation)) {
      holder[key] = first;
      this.#shared.add(first);
      return;
    }
    objects.push(object);
    indices.push(index);
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
  #indexOf(representation: Representation, entity: JsonObject): number {
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
    for (const candidate of candidates)
      if (agree(candidate.entity, entity, plainKeys)) return candidate.index;
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
  readonly representationOf: RepresentationOf;
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

/** Whether an object holds no more than says which entity it is, so that another of that entity can stand for it. */
function isReference(object: JsonObject, { identity }: Representation): boolean {
  if (identity === null) return false;
  for (const key in object) if (key !== identity && key !== '__typename') return false;
  return true;
}

/** How many entities with one first value are compared. */
const MAX_CANDIDATES = 4;

function agree(one: JsonObject, other: JsonObject, keys: readonly string[]): boolean {
  for (const key of keys) {
    const value = one[key];
    // What is not there is never alike: whether that matters depends on more than the entity.
    if (value === undefined || value !== other[key]) return false;
  }
  return true;
}
