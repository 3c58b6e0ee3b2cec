import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { Caller } from '#contract/caller.ts';
import { type Coordinates, createView, type FieldCoordinate, type View } from '#gateway/plugin.ts';
import { judge, type PolicyOutcomes } from './rules/judge.ts';
import { type Rules, readRules } from './rules/rules.ts';

/** What callers with the same rights may touch of one supergraph. */
export class CallerView {
  readonly rules: Rules;
  /** What they may touch if every policy lets them. */
  readonly view: View;
  /** What they may touch if none does; the same as `view` where no policy has a say. */
  readonly surely: View;
  /** The fields of which the grants that decide are for certain records, stages or locales alone; mostly null. */
  readonly #conditional: ReadonlySet<number> | null;
  readonly #caller: Caller;
  #isNobodys: boolean | undefined;
  #outcomes: LRUCache<string, View> | null = null;

  /** `caller` is any of those with these rights. */
  constructor(caller: Caller, rules: Rules) {
    this.#caller = caller;
    this.rules = rules;
    const conditional = new Set<number>();
    this.view = this.#viewWith(() => true, conditional);
    this.surely = rules.policies.length === 0 ? this.view : this.#viewWith(() => false);
    this.#conditional = conditional.size === 0 ? null : conditional;
  }

  /** Whether nothing is theirs but what is everybody's: nobody needs a credential for that. */
  get isNobodys(): boolean {
    this.#isNobodys ??=
      this.view.isEmpty ||
      (this.rules.hasOpenFields &&
        createView(
          this.rules.coordinates,
          (field) => !this.rules.entryOf(field).isForAnyone && this.view.shows(field),
        ).isEmpty);
    return this.#isNobodys;
  }

  get hasConditions(): boolean {
    return this.#conditional !== null;
  }

  isConditional({ index }: FieldCoordinate): boolean {
    return this.#conditional?.has(index) ?? false;
  }

  /** What they may touch when exactly these policies let them. */
  withPolicies(granted: ReadonlySet<string>): View {
    this.#outcomes ??= new LRUCache({ max: MAX_OUTCOMES });
    const name = this.rules.policies.filter((policy) => granted.has(policy)).join('\n');
    let known = this.#outcomes.get(name);
    if (known === undefined) {
      known = this.#viewWith((policy) => granted.has(policy));
      this.#outcomes.set(name, known);
    }
    return known;
  }

  #viewWith(isGranted: PolicyOutcomes, conditional?: Set<number>): View {
    return createView(this.rules.coordinates, (field) => {
      const { outcome } = judge(this.rules, this.#caller, field, isGranted);
      if (outcome === 'conditional') conditional?.add(field.index);
      return outcome !== 'deny';
    });
  }
}

/** How many views are kept for one supergraph. */
const MAX_VIEWS = 4_096;

/** How many outcomes of policies are kept for one view. */
const MAX_OUTCOMES = 32;

/** The views of callers, each made once for all callers with the same rights. */
export class CallerViews {
  readonly #ofSupergraph = new WeakMap<Coordinates, ViewsOfSupergraph>();

  /** @throws CodedError SUPERGRAPH_INVALID for a supergraph whose directives cannot be followed */
  rulesFor(coordinates: Coordinates): Rules {
    return this.#viewsFor(coordinates).rules;
  }

  viewFor(caller: Caller, coordinates: Coordinates): CallerView {
    return this.#viewsFor(coordinates).viewFor(caller);
  }

  #viewsFor(coordinates: Coordinates): ViewsOfSupergraph {
    let views = this.#ofSupergraph.get(coordinates);
    if (views === undefined) {
      views = new ViewsOfSupergraph(readRules(coordinates));
      this.#ofSupergraph.set(coordinates, views);
    }
    return views;
  }
}

class ViewsOfSupergraph {
  readonly rules: Rules;
  readonly #ofCaller = new WeakMap<Caller, CallerView>();
  readonly #ofRights = new LRUCache<string, CallerView>({ max: MAX_VIEWS });

  constructor(rules: Rules) {
    this.rules = rules;
  }

  viewFor(caller: Caller): CallerView {
    const known = this.#ofCaller.get(caller);
    if (known !== undefined) return known;
    const rights = rightsOf(caller, this.rules);
    let view = this.#ofRights.get(rights);
    if (view === undefined) {
      view = new CallerView(caller, this.rules);
      this.#ofRights.set(rights, view);
    }
    this.#ofCaller.set(caller, view);
    return view;
  }
}

/** All that `judge` asks of a caller, as one short text. */
function rightsOf({ kind, permissions, environment }: Caller, { scopes }: Rules): string {
  const known = kind === 'anonymous' || kind === 'session' ? kind : 'known';
  const named = permissions.scopes.filter((scope) => scopes.has(scope)).sort();
  const text = JSON.stringify([known, environment, named, permissions.grants]);
  return createHash('sha256').update(text).digest('base64');
}
