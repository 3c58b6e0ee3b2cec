import type {
  AppliedDirective,
  Coordinates,
  FieldCoordinate,
  TypeCoordinate,
} from '#gateway/plugin.ts';
import { type Alternatives, allImply, readAlternatives } from './alternatives.ts';

/** What directives ask of a caller; all of it has to be met. */
export interface Requirement {
  /** `@authenticated`: somebody known. */
  readonly authenticated: boolean;
  /** Each `@requiresScopes`. */
  readonly scopes: readonly Alternatives[];
  /** Each `@policy`. */
  readonly policies: readonly Alternatives[];
}

const nothing: Requirement = Object.freeze({ authenticated: false, scopes: [], policies: [] });

/**
 * What the directives of a supergraph ask for each of its fields, by the field's index: those on the field, on the
 * type that it stands in and on the type that it returns, be that an object, a scalar or an enum
 * (https://specs.apollo.dev/authenticated/v0.1, requiresScopes/v0.1, policy/v0.1).
 *
 * An interface asks what all its types ask together. Composition writes that down, and forbids directives on
 * interfaces themselves, which would mean nothing to whoever asks by the types. A supergraph of another composer is
 * held to the same: what an interface asks and its types do not is asked of each of them too.
 * @throws CodedError SUPERGRAPH_INVALID for directives without their arguments
 */
export function readRequirements(coordinates: Coordinates): readonly Requirement[] {
  const ofTypes = new Map<TypeCoordinate, Requirement>();
  const ofFields = new Map<FieldCoordinate, Requirement>();
  for (const type of coordinates.types) ofTypes.set(type, read(type.directives, type.name));
  for (const field of coordinates.fields) {
    ofFields.set(field, read([...field.directives, ...field.leafDirectives], field.coordinate));
  }
  for (const type of coordinates.types) {
    if (type.kind !== 'interface') continue;
    handDown(ofTypes, type, type.members);
    for (const field of type.fields) {
      const implementing = type.members.flatMap(
        (member) => coordinates.fieldOf(member.name, field.name) ?? [],
      );
      handDown(ofFields, field, implementing);
    }
  }
  const ofType = (type: TypeCoordinate): Requirement => {
    const own = ofTypes.get(type) ?? nothing;
    if (type.kind !== 'interface') return own;
    return join([own, ...type.members.map((member) => ofTypes.get(member) ?? nothing)]);
  };
  return coordinates.fields.map((field) =>
    join([
      ofFields.get(field) ?? nothing,
      ofType(field.type),
      field.composite === null ? nothing : ofType(field.composite),
    ]),
  );
}

/** Puts what an interface asks on each of its implementations, unless it is only what these ask together. */
function handDown<Element>(
  requirements: Map<Element, Requirement>,
  from: Element,
  to: readonly Element[],
): void {
  const asked = requirements.get(from) ?? nothing;
  if (asked === nothing) return;
  const together = join(to.map((each) => requirements.get(each) ?? nothing));
  const missing: Requirement = {
    authenticated: asked.authenticated && !together.authenticated,
    scopes: isSame(asked.scopes, together.scopes) ? [] : asked.scopes,
    policies: isSame(asked.policies, together.policies) ? [] : asked.policies,
  };
  for (const each of to) {
    requirements.set(each, join([requirements.get(each) ?? nothing, missing]));
  }
}

function isSame(a: readonly Alternatives[], b: readonly Alternatives[]): boolean {
  return a.every((each) => allImply(b, each)) && b.every((each) => allImply(a, each));
}

function read(directives: readonly AppliedDirective[], coordinate: string): Requirement {
  if (directives.length === 0) return nothing;
  const alternatives = (directive: string, argument: string): Alternatives[] =>
    directives
      .filter(({ name }) => name === directive)
      .map(({ arguments: given }) => readAlternatives(given[argument], coordinate, directive));
  return {
    authenticated: directives.some(({ name }) => name === 'authenticated'),
    scopes: alternatives('requiresScopes', 'scopes'),
    policies: alternatives('policy', 'policies'),
  };
}

function join(requirements: readonly Requirement[]): Requirement {
  const asked = requirements.filter(
    (each) => each.authenticated || each.scopes.length > 0 || each.policies.length > 0,
  );
  if (asked.length === 0) return nothing;
  return {
    authenticated: asked.some((each) => each.authenticated),
    scopes: distinct(asked.flatMap((each) => each.scopes)),
    policies: distinct(asked.flatMap((each) => each.policies)),
  };
}

function distinct(lists: readonly Alternatives[]): readonly Alternatives[] {
  return [...new Map(lists.map((each) => [JSON.stringify(each), each])).values()];
}
