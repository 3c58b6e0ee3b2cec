import { type Action, actions } from '#contract/permissions/grant.ts';
import type { Coordinates, FieldCoordinate, TypeCoordinate } from '#gateway/plugin.ts';
import { invalidDirective } from '../errors.ts';

/** What a grant has to say of a field. */
export interface Entry {
  readonly action: Action;
  /** The type that a root field belongs to: a grant on it is a grant on the field as well. */
  readonly model: TypeCoordinate | null;
  /** Whether people who have signed in may use it whatever they were granted: they too, or they alone. */
  readonly sessions: 'too' | 'alone' | null;
  /** Whether it is there for everybody, whoever they are and whatever they were granted. */
  readonly isForAnyone: boolean;
}

/**
 * What grants have to say of a field: `READ`, or what a mutation's name says that it does. `@access` says otherwise:
 * `@access(action: "UPDATE", on: "Order")`, `@access(by: "session")`. With both, people who have signed in need no grant.
 * `@access(by: "anyone")` needs none of anybody: a sign-in, the state of a service.
 * @throws CodedError SUPERGRAPH_INVALID for an action or a type that there is not
 */
export function readEntry(field: FieldCoordinate, coordinates: Coordinates): Entry {
  const { action, on, by } = readAccess(field, coordinates);
  const named = field.type.operation === 'mutation' ? readVerb(field.name) : null;
  return {
    action: action ?? named?.action ?? (field.type.operation === 'mutation' ? 'UPDATE' : 'READ'),
    model: on ?? modelOf(field, named?.rest ?? null, coordinates),
    sessions: by !== 'session' ? null : action === undefined ? 'alone' : 'too',
    isForAnyone: by === 'anyone',
  };
}

/** What a mutation does, by the verb that its name begins with; any other one changes something: `UPDATE`. */
const verbs: readonly (readonly [action: Action, verbs: readonly string[]])[] = [
  ['CREATE', ['create', 'add', 'insert', 'register', 'import', 'new']],
  ['UPDATE', ['update', 'edit', 'set', 'change', 'rename', 'modify', 'patch', 'upsert', 'replace']],
  ['DELETE', ['delete', 'remove', 'destroy', 'purge', 'erase', 'clear', 'drop']],
  ['PUBLISH', ['publish', 'schedulePublish']],
  ['UNPUBLISH', ['unpublish', 'scheduleUnpublish']],
];

const actionOfVerb = new Map(
  verbs.flatMap(([action, names]) => names.map((name) => [name, action] as const)),
);

function readVerb(name: string): { readonly action: Action; readonly rest: string } | null {
  const longest = [...actionOfVerb.keys()]
    .filter((verb) => name.startsWith(verb) && !/^[a-z]/.test(name.slice(verb.length)))
    .sort((a, b) => b.length - a.length)[0];
  const action = longest === undefined ? undefined : actionOfVerb.get(longest);
  if (longest === undefined || action === undefined) return null;
  return { action, rest: name.slice(longest.length).replace(/^(?:_|Many|Many_)/, '') };
}

/**
 * The type that a root field belongs to by its name: `post`, `posts`, `postById`, `allPosts` and `postsConnection` to
 * `Post`, if that is what they give; `updatePost` and `deleteManyPosts` to `Post`.
 */
function modelOf(
  field: FieldCoordinate,
  rest: string | null,
  coordinates: Coordinates,
): TypeCoordinate | null {
  const { operation } = field.type;
  if (operation === null) return null;
  if (operation === 'mutation') {
    return rest === null ? null : objectNamed(singularsOf(rest), coordinates);
  }
  const returned = field.composite;
  if (returned === null) return null;
  const word = field.name
    .replace(/^all(?=[A-Z_])_?/, '')
    .replace(/_?Connection$/, '')
    .replace(/_?By[A-Z_].*$/, '');
  const model = objectNamed(singularsOf(word), coordinates);
  const isReturned = returned === model || returned.name === `${model?.name}Connection`;
  return isReturned ? model : null;
}

function singularsOf(word: string): readonly string[] {
  const capital = word.slice(0, 1).toUpperCase() + word.slice(1);
  const singulars = [capital];
  if (capital.endsWith('ies')) singulars.push(`${capital.slice(0, -3)}y`);
  if (capital.endsWith('es')) singulars.push(capital.slice(0, -2));
  if (capital.endsWith('s')) singulars.push(capital.slice(0, -1));
  return singulars;
}

function objectNamed(names: readonly string[], coordinates: Coordinates): TypeCoordinate | null {
  for (const name of names) {
    const type = coordinates.typeOf(name);
    if (type !== undefined && type.kind !== 'union' && type.operation === null) return type;
  }
  return null;
}

function readAccess(
  { directives, coordinate }: FieldCoordinate,
  coordinates: Coordinates,
): { readonly action?: Action; readonly on?: TypeCoordinate; readonly by?: 'session' | 'anyone' } {
  const given = directives.find(({ name }) => name === 'access')?.arguments;
  if (given === undefined) return {};
  const { action, on, by } = given;
  if (action != null && !isAction(action)) {
    throw invalidDirective(coordinate, `@access(action:) is one of ${actions.join(', ')}`);
  }
  const type = typeof on === 'string' ? coordinates.typeOf(on) : undefined;
  if (on != null && type === undefined) {
    throw invalidDirective(coordinate, '@access(on:) names no type of this supergraph');
  }
  if (by != null && by !== 'session' && by !== 'anyone') {
    throw invalidDirective(coordinate, '@access(by:) is "session" or "anyone", if anything');
  }
  return {
    ...(isAction(action) && { action }),
    ...(type !== undefined && { on: type }),
    ...((by === 'session' || by === 'anyone') && { by }),
  };
}

function isAction(value: unknown): value is Action {
  return (actions as readonly unknown[]).includes(value);
}
