import type { FastifyBaseLogger, FastifyRequest } from 'fastify';
import type { Caller } from '#contract/caller.ts';
import type { FieldCoordinate, RequestContext, View } from '#gateway/plugin.ts';
import type { CallerView } from './caller-view.ts';
import type { Rules } from './rules/rules.ts';

/** Decides for one request whether a policy lets its caller. An error, or anything but true, is a no. */
export type Policy = (caller: Caller, request: FastifyRequest) => boolean | Promise<boolean>;

export interface PolicyOptions {
  readonly policies: Readonly<Record<string, Policy>>;
  readonly policyTimeoutMs: number;
}

/**
 * Runs policies: each at most once for a request, and only those that matter to what it asks for. Operations of one
 * batch are one request; each operation over a WebSocket is one of its own.
 */
export class Policies {
  readonly #options: PolicyOptions;
  readonly #log: Pick<FastifyBaseLogger, 'warn'>;
  readonly #ofRequest = new WeakMap<object, Map<string, Promise<boolean>>>();

  constructor(options: PolicyOptions, log: Pick<FastifyBaseLogger, 'warn'>) {
    this.#options = options;
    this.#log = log;
  }

  /** The names of `asked` that let the caller of this request. */
  async granted(asked: Iterable<string>, context: RequestContext): Promise<ReadonlySet<string>> {
    const outcomes = this.#outcomesOf(context);
    const names = [...asked];
    const decided = names.map((name) => {
      let outcome = outcomes.get(name);
      if (outcome === undefined) {
        outcome = this.#decide(name, context);
        outcomes.set(name, outcome);
      }
      return outcome;
    });
    const isGranted = await Promise.all(decided);
    return new Set(names.filter((_, index) => isGranted[index]));
  }

  #outcomesOf(context: RequestContext): Map<string, Promise<boolean>> {
    const { request } = context;
    const key = request.isGraphqlSocket ? context : request;
    let outcomes = this.#ofRequest.get(key);
    if (outcomes === undefined) {
      outcomes = new Map();
      this.#ofRequest.set(key, outcomes);
    }
    return outcomes;
  }

  async #decide(name: string, { caller, request }: RequestContext): Promise<boolean> {
    const { policies, policyTimeoutMs } = this.#options;
    // A name such as "constructor" is inherited by every object.
    const policy = Object.hasOwn(policies, name) ? policies[name] : undefined;
    if (policy === undefined) {
      this.#log.warn({ policy: name }, 'a policy that nobody has defined denies');
      return false;
    }
    const late = Promise.withResolvers<never>();
    const timer = setTimeout(
      () => late.reject(new Error(`no answer within ${policyTimeoutMs} ms`)),
      policyTimeoutMs,
    );
    try {
      const run = async (): Promise<unknown> => policy(caller, request);
      return (await Promise.race([run(), late.promise])) === true;
    } catch (error) {
      this.#log.warn({ policy: name, err: error }, 'a policy that failed denies');
      return false;
    } finally {
      clearTimeout(timer);
    }
  }
}

/** The policies that decide about fields which some of them could take away. */
export function policiesFor(
  { rules, view, surely }: CallerView,
  fields: readonly FieldCoordinate[],
): ReadonlySet<string> {
  const names = new Set<string>();
  if (view === surely) return names;
  const seen = new Set<FieldCoordinate>();
  const add = (field: FieldCoordinate): void => {
    if (seen.has(field) || !isOpen(field, view, surely)) return;
    seen.add(field);
    const own = namesOf(rules, field);
    for (const name of own) names.add(name);
    // Otherwise it is what it needs that a policy decides about.
    for (const needed of dependenciesOf(rules, field, surely)) add(needed);
  };
  fields.forEach(add);
  return names;
}

/** The policies that any of these fields asks for. */
export function policiesOf(rules: Rules, fields: readonly FieldCoordinate[]): ReadonlySet<string> {
  return new Set(fields.flatMap((field) => namesOf(rules, field)));
}

function isOpen(field: FieldCoordinate, view: View, surely: View): boolean {
  return view.shows(field) && !surely.shows(field);
}

function namesOf(rules: Rules, field: FieldCoordinate): readonly string[] {
  return rules.requirementOf(field).policies.flat(2);
}

/** What could take a field away with it; see `createView`. */
function* dependenciesOf(
  rules: Rules,
  field: FieldCoordinate,
  surely: View,
): Iterable<FieldCoordinate> {
  yield* field.requires;
  if (field.type.kind === 'interface') {
    for (const each of rules.coordinates.fields) {
      if (each.name === field.name && each.type.interfaces.includes(field.type)) yield each;
    }
  }
  if (field.composite !== null && !surely.showsType(field.composite)) {
    for (const type of [field.composite, ...field.composite.members]) yield* type.fields;
  }
}
