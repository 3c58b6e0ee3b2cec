import type { Caller } from '#contract/caller.ts';
import type { FieldCoordinate, TypeCoordinate, View } from '#gateway/plugin.ts';
import { judge, type PolicyOutcomes } from './rules/judge.ts';
import type { Rules } from './rules/rules.ts';

export interface ReasonSource {
  readonly view: View;
  readonly rules: Rules;
  readonly caller: Caller;
  readonly isGranted: PolicyOutcomes;
}

/** What is missing for a field that a view does not show: for itself, or for something that it depends on. */
export function reasonOf(field: FieldCoordinate, source: ReasonSource): string {
  return missingFor(field, source, new Set()) ?? 'READ';
}

function missingFor(
  field: FieldCoordinate,
  source: ReasonSource,
  seen: Set<FieldCoordinate>,
): string | null {
  if (seen.has(field) || source.view.shows(field)) return null;
  seen.add(field);
  const { rules, caller, isGranted } = source;
  const verdict = judge(rules, caller, field, isGranted);
  // The needs of an interface's field are those of its types' fields.
  if (verdict.outcome === 'deny' && field.type.kind !== 'interface') return verdict.missing;
  for (const needed of dependenciesOf(field)) {
    const missing = missingFor(needed, source, seen);
    if (missing === null) continue;
    // What is granted by itself needs nothing but that.
    return needed.type.kind === 'object' && !missing.includes(' on ')
      ? `${missing} on ${needed.coordinate}`
      : missing;
  }
  return verdict.outcome === 'deny' ? verdict.missing : null;
}

function* dependenciesOf(field: FieldCoordinate): Iterable<FieldCoordinate> {
  yield* field.requires;
  if (field.type.kind === 'interface') {
    for (const member of field.type.members) {
      yield* member.fields.filter(({ name }) => name === field.name);
    }
  }
  if (field.composite !== null) for (const type of typesOf(field.composite)) yield* type.fields;
}

function typesOf(type: TypeCoordinate): readonly TypeCoordinate[] {
  return [type, ...type.members];
}
