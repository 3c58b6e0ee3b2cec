import { type Area, placeOf } from './area.ts';
import { always, type Condition, isAlways } from './conditions/condition.ts';
import { type ConditionJson, encodeCondition } from './conditions/encode-condition.ts';
import { type Action, actions, type Grant } from './grant.ts';

/** The members of a grant, with null for "any". */
export interface GrantParts {
  readonly actions: Iterable<Action>;
  readonly area: Area;
  readonly environments: readonly string[] | null;
  readonly stages: readonly string[] | null;
  readonly locales: readonly string[] | null;
  /** A simplified condition. */
  readonly where: Condition;
}

/** A grant in its normal form: frozen, lists sorted and without doubles, nothing there that restricts nothing. */
export function makeGrant(parts: GrantParts): Grant {
  const wanted = new Set(parts.actions);
  return Object.freeze({
    actions: Object.freeze(actions.filter((action) => wanted.has(action))),
    ...placeOf(parts.area),
    ...(parts.environments !== null && { environments: sorted(parts.environments) }),
    ...(parts.stages !== null && { stages: sorted(parts.stages) }),
    ...(parts.locales !== null && { locales: sorted(parts.locales) }),
    ...(!isAlways(parts.where) && { where: parts.where }),
  });
}

/** A grant as JSON; `where` is in the canonical spelling. */
export interface GrantJson extends Omit<Grant, 'where'> {
  readonly where?: ConditionJson;
}

export function encodeGrant(grant: Grant): GrantJson {
  const { where, ...rest } = grant;
  return where === undefined ? rest : { ...rest, where: encodeCondition(where) };
}

/**
 * Grants as JSON text, always the same for the same grants; `readGrants` of its value gives them back.
 * @example encodeGrants(readGrants([{ actions: ['READ'], on: 'Post' }])) // [{"actions":["READ"],"on":"Post"}]
 */
export function encodeGrants(grants: readonly Grant[]): string {
  return JSON.stringify(grants.map(encodeGrant));
}

export function conditionOf(grant: Grant): Condition {
  return grant.where ?? always;
}

function sorted(list: readonly string[]): readonly string[] {
  return Object.freeze([...new Set(list)].sort());
}
