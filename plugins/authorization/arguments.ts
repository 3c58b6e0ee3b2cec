import type { Caller } from '#contract/caller.ts';
import { type AccessPoint, argumentValues, type FieldCoordinate } from '#gateway/plugin.ts';
import type { CallerView } from './caller-view.ts';
import { judge, type PolicyOutcomes, type Told, type Verdict } from './rules/judge.ts';
import type { TellingArgument } from './rules/telling-arguments.ts';

type Denied = Verdict & { readonly outcome: 'deny' };

/**
 * What a request's arguments add to a verdict that depends on the record: they tell which stage, locale or record is
 * asked for. What no grant allows of these is denied here and not fetched. Null when they tell nothing against it;
 * the rest is for the subgraph.
 */
export function judgeArguments(
  callerView: CallerView,
  caller: Caller,
  { field, node }: AccessPoint,
  variables: Readonly<Record<string, unknown>>,
  isGranted: PolicyOutcomes,
): Denied | null {
  if (field === null || !dependsOnArguments(callerView, { field })) return null;
  const { rules } = callerView;
  const told = toldBy(rules.tellingArgumentsOf(field), argumentValues(node, variables));
  if (told === null) return null;
  const own = judge(rules, caller, field, isGranted, told);
  if (own.outcome === 'deny') return own;
  // Denied as well when nothing of what it returns could be shown.
  let denied: Denied | null = null;
  for (const each of fieldsOf(field)) {
    const verdict = judge(rules, caller, each, isGranted, told);
    if (verdict.outcome !== 'deny') return null;
    denied ??= verdict;
  }
  return denied;
}

/** The verdict on a field that a view shows, with what the arguments of a request tell. */
export function judgeAsked(
  { rules }: CallerView,
  caller: Caller,
  field: FieldCoordinate,
  { node }: Pick<AccessPoint, 'node'>,
  variables: Readonly<Record<string, unknown>>,
  isGranted: PolicyOutcomes,
): Verdict {
  const told = toldBy(rules.tellingArgumentsOf(field), argumentValues(node, variables));
  return judge(rules, caller, field, isGranted, told ?? {});
}

/** Whether arguments can tell something against a field that this view shows. */
export function dependsOnArguments(
  callerView: CallerView,
  { field }: Pick<AccessPoint, 'field'>,
): boolean {
  if (!callerView.hasConditions || field === null) return false;
  if (callerView.rules.tellingArgumentsOf(field).length === 0) return false;
  return [field, ...fieldsOf(field)].some((each) => callerView.isConditional(each));
}

function fieldsOf({ composite }: FieldCoordinate): readonly FieldCoordinate[] {
  if (composite === null) return [];
  const types = composite.members.length > 0 ? composite.members : [composite];
  return types.flatMap((each) => each.fields);
}

function toldBy(
  telling: readonly TellingArgument[],
  values: Readonly<Record<string, unknown>>,
): Told | null {
  const record: Record<string, unknown> = {};
  const places: { stage?: string; locale?: string } = {};
  for (const { name, tells, isId, defaultValue } of telling) {
    const value = Object.hasOwn(values, name) ? values[name] : defaultValue;
    if (value === undefined) continue;
    if (tells === 'key') record[name] = isId && typeof value === 'number' ? String(value) : value;
    else if (typeof value === 'string') places[tells] = value;
  }
  const isNamed = Object.keys(record).length > 0;
  if (!isNamed && places.stage === undefined && places.locale === undefined) return null;
  return { ...places, ...(isNamed && { record }) };
}
