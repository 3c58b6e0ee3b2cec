import type { ContextArgument, EntityBatch } from '../plan/plan.ts';
import type { SupergraphTypes } from '../supergraph/supergraph-types.ts';
import { compileEntities, type GatheredBatch, Gathering } from './batch.ts';
import type { Compilation } from './compilation.ts';
import { visitWithAbove } from './entities.ts';
import { writeExact } from './exact-json.ts';
import type { Execution } from './execution.ts';
import { isJsonObject, type JsonObject } from './json.ts';
import { nameAt } from './repeat-entities.ts';

/** The entities of a batch, one group for each set of values that their contexts give. */
export interface ContextGroups {
  readonly groups: readonly GatheredBatch[];
  /** Whether an entity could not be asked about because something that it requires never came. */
  readonly incomplete: boolean;
  /** Whether the reason is a value of a context. */
  readonly lacksValue: boolean;
}

/** Compiles how entities are grouped by the values above them. The names in the groups start over after `perCall` of them. */
export function compileContextGroups(
  batch: EntityBatch,
  compilation: Compilation,
  perCall: number,
): (execution: Execution) => ContextGroups {
  const { types } = compilation;
  const compiled = compileEntities(batch, compilation);
  const alternatives = Map.groupBy(batch.contextArguments, (argument) => argument.variable);
  const variables = Array.from(alternatives.keys());
  return (execution) => {
    const groups = new Map<string, Gathering>();
    let lacksValue = false;

    /** The values as JSON texts; null when one of them is missing. */
    const textsAt = (entity: JsonObject, above: readonly JsonObject[]): string[] | null => {
      const texts: string[] = [];
      for (const places of alternatives.values()) {
        const value = valueAt(places, entity, above, types);
        // Null would be an answer for another value.
        if (value === undefined) return null;
        texts.push(writeExact(value));
      }
      return texts;
    };
    const groupOf = (texts: readonly string[]): Gathering => {
      const key = texts.join();
      let group = groups.get(key);
      if (group === undefined) {
        const at = groups.size % perCall;
        const members = texts.map((text, index) => {
          return `${JSON.stringify(nameAt(at, variables[index] ?? ''))}:${text}`;
        });
        group = new Gathering(compiled, execution, {
          key: nameAt(at, batch.key),
          variable: nameAt(at, batch.variable),
          ownVariables: members,
        });
        groups.set(key, group);
      }
      return group;
    };
    batch.paths.forEach((path, at) => {
      visitWithAbove(execution.data, path, types, (entity, holder, key, above) => {
        const texts = textsAt(entity, above);
        if (texts === null) lacksValue = true;
        else groupOf(texts).add(at, entity, holder, key);
      });
    });
    const gathered = Array.from(groups.values());
    return {
      groups: gathered,
      incomplete: lacksValue || gathered.some((group) => group.incomplete),
      lacksValue,
    };
  };
}

/** The value of the first alternative whose types fit and that leads somewhere. */
function valueAt(
  alternatives: readonly ContextArgument[],
  entity: JsonObject,
  above: readonly JsonObject[],
  types: SupergraphTypes,
): unknown {
  for (const { up, path } of alternatives) {
    const from = up === 0 ? entity : above[above.length - up];
    const value = read(from, path, 0, types);
    if (value !== undefined) return value;
  }
  return undefined;
}

function read(
  value: unknown,
  path: ContextArgument['path'],
  at: number,
  types: SupergraphTypes,
): unknown {
  const segment = path[at];
  if (segment === undefined || value === null) return value;
  if (Array.isArray(value)) return value.map((item) => read(item, path, at, types) ?? null);
  if (!isJsonObject(value)) return undefined;
  if (segment.kind === 'types') {
    const name = value.__typename;
    const fits =
      typeof name !== 'string' || segment.types.some((type) => types.matches(type, name));
    return fits ? read(value, path, at + 1, types) : undefined;
  }
  return Object.hasOwn(value, segment.key)
    ? read(value[segment.key], path, at + 1, types)
    : undefined;
}
