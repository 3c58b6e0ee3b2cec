import { type Area, areaOf } from './area.ts';
import { always } from './conditions/condition.ts';
import { readCondition } from './conditions/read-condition.ts';
import { type Action, actions, type Grant } from './grant.ts';
import { invalidArgument } from './invalid-argument.ts';
import { combinedLimits, type GrantLimits, writtenLimits } from './limits.ts';
import { makeGrant } from './make-grant.ts';
import { mergeGrants, whyTooMany } from './normalize-grants.ts';

/**
 * Reads grants that somebody wrote, as JSON: at most 100, which come to at most 5,000 bytes.
 *
 * The result is in its normal form: sorted, without doubles, frozen, and so are its lists and conditions.
 * @throws CodedError BAD_USER_INPUT with the path of the first mistake in `extensions.argument`
 * @example readGrants([{ actions: ['READ'], on: 'Post', stages: ['PUBLISHED'], where: { locked_not: true } }])
 */
export function readGrants(value: unknown, path = 'grants'): readonly Grant[] {
  return readWithin(value, path, writtenLimits);
}

/**
 * Reads grants that came of combining others, as claims and introspection carry them.
 * @throws CodedError BAD_USER_INPUT
 */
export function readCombinedGrants(value: unknown, path = 'grants'): readonly Grant[] {
  return readWithin(value, path, combinedLimits);
}

function readWithin(value: unknown, path: string, limits: GrantLimits): readonly Grant[] {
  if (!Array.isArray(value)) throw invalidArgument(path, 'must be a list of grants');
  if (value.length > limits.grants) {
    throw invalidArgument(path, `holds more than ${limits.grants} grants`);
  }
  // The normal form may be smaller than what was sent, but not by much; work is bounded before it begins.
  if (JSON.stringify(value).length > 4 * limits.bytes) {
    throw invalidArgument(path, `is larger than ${limits.bytes} bytes`);
  }
  const grants = mergeGrants(
    value.map((grant, index) => readGrant(grant, `${path}[${index}]`, limits)),
  );
  const mistake = whyTooMany(grants, limits);
  if (mistake !== null) throw invalidArgument(path, mistake);
  return grants;
}

const members = ['actions', 'on', 'within', 'environments', 'stages', 'locales', 'where'];

function readGrant(value: unknown, path: string, limits: GrantLimits): Grant {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw invalidArgument(path, 'must be an object');
  }
  for (const name of Object.keys(value)) {
    // A restriction with a slip in its name must not be left out.
    if (!members.includes(name)) {
      throw invalidArgument(
        `${path}.${name.slice(0, 64)}`,
        `is unknown; a grant has ${members.join(', ')}`,
      );
    }
  }
  const grant: Record<string, unknown> = { ...value };
  return makeGrant({
    actions: readActions(grant.actions, `${path}.actions`),
    area: readArea(grant.on, grant.within, path),
    environments: readNames(grant.environments, `${path}.environments`, environmentName),
    stages: readNames(grant.stages, `${path}.stages`, stageName),
    locales: readNames(grant.locales, `${path}.locales`, localeName),
    where: grant.where == null ? always : readCondition(grant.where, `${path}.where`, limits),
  });
}

function readActions(value: unknown, path: string): readonly Action[] {
  if (!Array.isArray(value) || value.length === 0) {
    throw invalidArgument(path, `must be a list of ${actions.join(', ')}`);
  }
  return value.map((name: unknown, index) => {
    const action = actions.find((known) => known === name);
    if (action === undefined) {
      throw invalidArgument(`${path}[${index}]`, `must be one of ${actions.join(', ')}`);
    }
    return action;
  });
}

const coordinate = /^(?:\*|[_A-Za-z]\w{0,127}(?:\.[_A-Za-z]\w{0,127})?)$/;
const subgraphName = /^[A-Za-z][\w-]{0,63}$/;

function readArea(on: unknown, within: unknown, path: string): Area {
  const isSubgraph = typeof on === 'string' && on.startsWith('subgraph:');
  const isWellFormed =
    typeof on === 'string' && (isSubgraph ? subgraphName.test(on.slice(9)) : coordinate.test(on));
  if (!isWellFormed) {
    throw invalidArgument(`${path}.on`, 'must be *, Type, Type.field or subgraph:name');
  }
  if (within == null) return areaOf({ on });
  if (isSubgraph) throw invalidArgument(`${path}.within`, 'goes with a type, not with a subgraph');
  if (typeof within !== 'string' || !subgraphName.test(within)) {
    throw invalidArgument(`${path}.within`, 'must be the name of a subgraph');
  }
  return areaOf({ on, within });
}

interface NameRule {
  readonly pattern: RegExp;
  readonly meaning: string;
}

const environmentName: NameRule = {
  pattern: /^[A-Za-z0-9][\w.-]{0,63}$/,
  meaning: 'the name or id of an environment',
};
const stageName: NameRule = { pattern: /^[A-Za-z_]\w{0,63}$/, meaning: 'the name of a stage' };
/** A language tag (BCP 47), also with underscores, as enums spell it. */
const localeName: NameRule = {
  pattern: /^(?=.{2,35}$)[A-Za-z]{2,8}(?:[-_][A-Za-z0-9]{1,8})*$/,
  meaning: 'a locale, such as en or pt-BR',
};

function readNames(value: unknown, path: string, rule: NameRule): readonly string[] | null {
  // What is left out is not restricted; null is how GraphQL leaves out.
  if (value == null) return null;
  if (!Array.isArray(value) || value.length === 0) {
    throw invalidArgument(path, 'must be a list that is not empty');
  }
  return value.map((name: unknown, index) => {
    if (typeof name === 'string' && rule.pattern.test(name)) return name;
    throw invalidArgument(`${path}[${index}]`, `must be ${rule.meaning}`);
  });
}
