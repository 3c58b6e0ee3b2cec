import type { Caller } from '#contract/caller.ts';
import { type AccessPoint, argumentValues, type FieldCoordinate } from '#gateway/plugin.ts';
import type { CallerView } from './caller-view.ts';
import { judge, type PolicyOutcomes, type Told, type Verdict } from './rules/judge.ts';
import type { Rules } from './rules/rules.ts';
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
  const telling = rules.tellingArgumentsOf(field);
  const alternatives = toldBy(telling, argumentValues(node, variables), caller);
  // Of several languages, one that is granted is enough: the subgraph leaves the others out.
  let denied: Denied | null = null;
  for (const told of alternatives) {
    const refusal = refusedAs(rules, caller, field, isGranted, told);
    if (refusal === null) return null;
    denied ??= refusal;
  }
  return denied;
}

function refusedAs(
  rules: Rules,
  caller: Caller,
  field: FieldCoordinate,
  isGranted: PolicyOutcomes,
  told: Told,
): Denied | null {
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
  const telling = rules.tellingArgumentsOf(field);
  const alternatives = toldBy(telling, argumentValues(node, variables), caller);
  let verdict = judge(rules, caller, field, isGranted, alternatives[0]);
  for (const told of alternatives.slice(1)) {
    if (verdict.outcome !== 'deny') break;
    verdict = judge(rules, caller, field, isGranted, told);
  }
  return verdict;
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

/** The fields of what a field returns. */
export function fieldsOf({ composite }: FieldCoordinate): readonly FieldCoordinate[] {
  if (composite === null) return [];
  const types = composite.members.length > 0 ? composite.members : [composite];
  return types.flatMap((each) => each.fields);
}

/**
 * What is asked for, by the arguments of a field; where they name no stage or language, by what the caller means. Of
 * several languages that are meant, each by itself. Empty where nothing is told.
 */
function toldBy(
  telling: readonly TellingArgument[],
  values: Readonly<Record<string, unknown>>,
  { defaultStage, locales }: Caller,
): readonly Told[] {
  const record: Record<string, unknown> = {};
  const places: { stage?: string; locale?: string } = {};
  let meant: readonly string[] = [];
  for (const { name, tells, isId, defaultValue } of telling) {
    const value = Object.hasOwn(values, name) ? values[name] : defaultValue;
    if (tells === 'key') {
      if (value !== undefined)
        record[name] = isId && typeof value === 'number' ? String(value) : value;
    } else if (typeof value === 'string') places[tells] = value;
    else if (tells === 'stage' && defaultStage !== null) places.stage = defaultStage;
    else if (tells === 'locale') meant = locales ?? [];
  }
  const isNamed = Object.keys(record).length > 0;
  const told = { ...places, ...(isNamed && { record }) };
  if (meant.length > 0) return meant.map((locale) => ({ ...told, locale }));
  return isNamed || places.stage !== undefined || places.locale !== undefined ? [told] : [];
}
