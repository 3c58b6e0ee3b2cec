import type { FastifyBaseLogger } from 'fastify';
import {
  type DocumentNode,
  GraphQLError,
  type GraphQLSchema,
  specifiedRules,
  validate,
} from 'graphql';
import { LRUCache } from 'lru-cache';
import type { Caller } from '#contract/caller.ts';
import { CodedError } from '#contract/errors.ts';
import {
  type Access,
  type AccessPoint,
  type AccessPoints,
  type AskedOperation,
  type FieldCoordinate,
  type Introspection,
  narrowSchema,
  type RequestContext,
  RequestError,
  type View,
} from '#gateway/plugin.ts';
import { dependsOnArguments, judgeArguments } from './arguments.ts';
import type { CallerView, CallerViews } from './caller-view.ts';
import { codeFor, denialOf } from './errors.ts';
import { type Policies, policiesFor } from './policies.ts';
import { reasonOf } from './reason.ts';
import type { PolicyOutcomes } from './rules/judge.ts';
import { withoutHiddenNames, withoutNames } from './suggestions.ts';

export interface AuthorizeOptions {
  readonly mode: 'filter' | 'reject' | 'hide';
  readonly dryRun: boolean;
  readonly introspection: boolean;
  readonly introspectionByEnvironment: Readonly<Record<string, boolean>>;
}

/** What one caller may touch of one operation, however it is then enforced. */
export interface Judgement {
  readonly callerView: CallerView;
  /** The view with the outcomes of the policies that the operation needs. */
  readonly view: View;
  /** What is denied, and what is missing for it. */
  readonly denied: ReadonlyMap<
    AccessPoint,
    { readonly coordinate: string; readonly missing: string }
  >;
}

/** What views mean for operations. */
type Known = WeakMap<AccessPoints, LRUCache<View, Access>>;

/** For how many views it is kept what they mean for one operation. */
const MAX_KNOWN = 64;

/** Says what callers may touch of operations. */
export class Authorizer {
  readonly views: CallerViews;
  readonly #policies: Policies;
  readonly #options: AuthorizeOptions;
  readonly #log: Pick<FastifyBaseLogger, 'info'>;
  readonly #known: Readonly<Record<Introspection, Known>> = {
    open: new WeakMap(),
    rights: new WeakMap(),
    off: new WeakMap(),
  };

  constructor(
    views: CallerViews,
    policies: Policies,
    options: AuthorizeOptions,
    log: Pick<FastifyBaseLogger, 'info'>,
  ) {
    this.views = views;
    this.#policies = policies;
    this.#options = options;
    this.#log = log;
  }

  /** For the hook `onAccess`; null for a caller who may touch all of it. */
  authorize(
    asked: AskedOperation,
    context: RequestContext,
  ): Access | null | Promise<Access | null> {
    const { coordinates } = asked.supergraph;
    const callerView = this.views.viewFor(context.caller, coordinates);
    // What of it is for certain records, stages or locales alone, arguments may still tell against.
    const isOpen = callerView.surely.isWhole && !callerView.hasConditions;
    const introspection = this.#introspection(context.caller, context);
    if (isOpen && introspection !== 'off') return null;
    const { points } = asked.points;
    // What everybody is shown depends on no policy.
    const isShown = ({ field }: AccessPoint): boolean =>
      field !== null || introspection === 'rights';
    const needed = policiesNeeded(callerView, points.filter(isShown));
    if (needed === null) return this.enforce(asked, context.caller, null, context);
    return this.#policies
      .granted(needed, context)
      .then((granted) => this.enforce(asked, context.caller, granted, context));
  }

  /** What is denied of an operation. `granted` are the policies that let the caller, null if none is needed. */
  judge(
    { points, variables }: Pick<AskedOperation, 'points' | 'variables'>,
    caller: Caller,
    callerView: CallerView,
    granted: ReadonlySet<string> | null,
    introspection = this.#introspection(caller, null),
  ): Judgement {
    const view = viewWith(callerView, granted);
    const isGranted: PolicyOutcomes = granted === null ? () => true : (name) => granted.has(name);
    const denied = new Map<AccessPoint, { coordinate: string; missing: string }>();
    for (const point of points.points) {
      if (point.field === null) {
        const missing = whyNoIntrospection(introspection, view);
        const coordinate = `Query.${point.node.name.value}`;
        if (missing !== null) denied.set(point, { coordinate, missing });
      } else if (!view.shows(point.field)) {
        denied.set(point, {
          coordinate: point.field.coordinate,
          missing: reasonOf(point.field, { view, rules: callerView.rules, caller, isGranted }),
        });
      } else {
        const refusal = judgeArguments(callerView, caller, point, variables, isGranted);
        if (refusal !== null) {
          denied.set(point, { coordinate: point.field.coordinate, missing: refusal.missing });
        }
      }
    }
    return { callerView, view, denied };
  }

  /**
   * What becomes of an operation, by the mode: for somebody who asks it, with the context of their request, and for
   * whoever wants to know.
   * @throws CodedError when it is refused as a whole
   */
  enforce(
    asked: AskedOperation,
    caller: Caller,
    granted: ReadonlySet<string> | null,
    context: RequestContext | null,
  ): Access | null {
    if (asked.points.points.length === 0) return null;
    const callerView = this.views.viewFor(caller, asked.supergraph.coordinates);
    const view = viewWith(callerView, granted);
    const introspection = this.#introspection(caller, context);
    const known = this.#known[introspection].get(asked.points)?.get(view);
    if (known !== undefined) return known;
    const { denied } = this.judge(asked, caller, callerView, granted, introspection);
    const { mode, dryRun } = this.#options;
    const isHidden =
      mode === 'hide' && asked.points.conditions.some((type) => !view.showsType(type));
    if (dryRun) {
      if (context !== null && (denied.size > 0 || isHidden)) this.#tell(context, denied);
      return null;
    }
    const schema = (): GraphQLSchema =>
      introspection === 'open' ? asked.supergraph.schema : narrowSchema(view);
    const remember = (access: Access): Access =>
      this.#remember(this.#known[introspection], asked, callerView, view, access);
    if (denied.size === 0 && !isHidden) return remember({ denials: null, schema });
    if (view.isEmpty || callerView.isNobodys) throw nothingToSee(caller);
    const isSubscription = asked.points.operation === 'subscription';
    if (mode === 'hide') throwAsUnknown(narrowSchema(view), asked.document);
    if (mode === 'reject' || (isSubscription && isRootDenied(denied)))
      throw rejection(caller, denied, asked.points.points);
    const denials = new Map(
      Array.from(denied, ([{ index }, { coordinate, missing }]) => [
        index,
        denialOf(caller, coordinate, missing),
      ]),
    );
    return remember({ denials, schema });
  }

  /** Keeps what is the same for every request of callers with this view, whatever its variables. */
  #remember(
    known: Known,
    { points }: AskedOperation,
    callerView: CallerView,
    view: View,
    access: Access,
  ): Access {
    if (points.points.some((point) => dependsOnArguments(callerView, point))) return access;
    let byView = known.get(points);
    if (byView === undefined) {
      byView = new LRUCache({ max: MAX_KNOWN });
      known.set(points, byView);
    }
    byView.set(view, access);
    return access;
  }

  /**
   * What is told of a document or of variables that do not fit the schema, to somebody who does not see all of it:
   * nothing of what they do not see.
   */
  tellMistakes(
    errors: readonly GraphQLError[],
    document: DocumentNode,
    coordinates: AskedOperation['supergraph']['coordinates'],
    { caller }: Pick<RequestContext, 'caller'>,
  ): readonly GraphQLError[] {
    const { view, isNobodys } = this.views.viewFor(caller, coordinates);
    if (view.isWhole || this.#options.dryRun) return errors;
    if (isNobodys) throw nothingToSee(caller);
    const schema = narrowSchema(view);
    if (this.#options.mode !== 'hide')
      return errors.map((each) => withoutHiddenNames(each, schema));
    throwAsUnknown(schema, document);
    return errors.map(withoutNames);
  }

  /** Who may ask for the schema: as the route of a request says, unless the options switch it off. */
  #introspection({ environment }: Caller, context: RequestContext | null): Introspection {
    const { introspection, introspectionByEnvironment: byEnvironment } = this.#options;
    const isOwn = environment !== null && Object.hasOwn(byEnvironment, environment);
    if (!(isOwn ? byEnvironment[environment] : introspection)) return 'off';
    return context?.request.routeOptions.config.introspection?.(context.request) ?? 'rights';
  }

  #tell({ caller, request }: RequestContext, denied: Judgement['denied']): void {
    const { kind, subject, credentialId } = caller;
    request.log.info(
      { caller: { kind, subject, credentialId }, denied: [...denied.values()] },
      'would be denied',
    );
  }
}

/** The policies that an operation needs; null for none. Whoever introspects needs all that could change the schema. */
export function policiesNeeded(
  callerView: CallerView,
  points: readonly AccessPoint[],
): ReadonlySet<string> | null {
  const { view, surely, rules } = callerView;
  if (view === surely) return null;
  if (points.some(({ field }) => field === null)) return new Set(rules.policies);
  const fields = points.flatMap(({ field }) => field ?? []) as FieldCoordinate[];
  const names = policiesFor(callerView, fields);
  return names.size === 0 ? null : names;
}

function whyNoIntrospection(introspection: Introspection, view: View): string | null {
  if (introspection === 'open') return null;
  if (introspection === 'off') return 'introspection, which is switched off';
  const query = view.coordinates.types.find(({ operation }) => operation === 'query');
  // A schema without a field of Query is none.
  return query !== undefined && view.showsType(query) ? null : 'READ';
}

function viewWith(callerView: CallerView, granted: ReadonlySet<string> | null): View {
  return granted === null ? callerView.view : callerView.withPolicies(granted);
}

function isRootDenied(denied: Judgement['denied']): boolean {
  return [...denied.keys()].some(({ isRoot }) => isRoot);
}

function nothingToSee(caller: Caller): CodedError {
  return new CodedError(codeFor(caller));
}

/** @throws RequestError what the client would be told if there were nothing but what the caller may see */
function throwAsUnknown(schema: GraphQLSchema, document: DocumentNode): void {
  const errors = validate(schema, document, specifiedRules).map(withoutNames);
  if (errors.length > 0) throw new RequestError('GRAPHQL_VALIDATION_FAILED', errors);
}

/** As in an answer: one error for each denied path, and none below it. */
function rejection(
  caller: Caller,
  denied: Judgement['denied'],
  points: readonly AccessPoint[],
): RequestError {
  // One key may be denied as a field of an interface and allowed as one of a type.
  const open = new Set(
    points.filter((point) => !denied.has(point)).map(({ path }) => nameOf(path)),
  );
  const closed = new Set(
    Array.from(denied.keys(), ({ path }) => nameOf(path)).filter((name) => !open.has(name)),
  );
  const byPath = new Map<string, GraphQLError>();
  for (const [{ path }, { coordinate, missing }] of denied) {
    if (path.some((_, index) => index > 0 && closed.has(nameOf(path.slice(0, index))))) continue;
    const { message, extensions } = denialOf(caller, coordinate, missing);
    const name = nameOf(path);
    if (!byPath.has(name)) byPath.set(name, new GraphQLError(message, { path, extensions }));
  }
  return new RequestError(codeFor(caller), [...byPath.values()]);
}

function nameOf(path: AccessPoint['path']): string {
  return path.join('.');
}
