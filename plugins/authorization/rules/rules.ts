import type { Coordinates, FieldCoordinate } from '#gateway/plugin.ts';
import { type Entry, readEntry } from './entry.ts';
import { readLent } from './lent.ts';
import { type Requirement, readRequirements } from './requirement.ts';
import { readTellingArguments, type TellingArgument } from './telling-arguments.ts';

/** What one supergraph asks of whoever wants to touch a field of it. */
export interface Rules {
  readonly coordinates: Coordinates;
  requirementOf(field: FieldCoordinate): Requirement;
  entryOf(field: FieldCoordinate): Entry;
  /** The fields whose grants this one borrows. */
  lentTo(field: FieldCoordinate): readonly FieldCoordinate[];
  tellingArgumentsOf(field: FieldCoordinate): readonly TellingArgument[];
  /** Whether any field is there for everybody. */
  readonly hasOpenFields: boolean;
  /** The scopes that any directive names: no others tell two callers apart. */
  readonly scopes: ReadonlySet<string>;
  /** The policies that any directive names. */
  readonly policies: readonly string[];
}

/** @throws CodedError SUPERGRAPH_INVALID for directives that cannot be followed */
export function readRules(coordinates: Coordinates): Rules {
  const requirements = readRequirements(coordinates);
  const entries = coordinates.fields.map((field) => readEntry(field, coordinates));
  const lent = readLent(coordinates, entries);
  const telling = coordinates.fields.map((field) => readTellingArguments(field, coordinates));
  const namesIn = (kind: 'scopes' | 'policies'): Set<string> =>
    new Set(requirements.flatMap((each) => each[kind].flat(2)));
  const at = <Value>(list: readonly Value[], { index }: FieldCoordinate): Value => {
    const value = list[index];
    if (value === undefined) throw new TypeError('a field of another supergraph');
    return value;
  };
  return {
    coordinates,
    requirementOf: (field) => at(requirements, field),
    entryOf: (field) => at(entries, field),
    lentTo: (field) => at(lent, field),
    tellingArgumentsOf: (field) => at(telling, field),
    hasOpenFields: entries.some(({ isForAnyone }) => isForAnyone),
    scopes: namesIn('scopes'),
    policies: [...namesIn('policies')],
  };
}
