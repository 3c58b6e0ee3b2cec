import { LRUCache } from 'lru-cache';
import type { Caller } from '#contract/caller.ts';
import { type Coordinates, createView, type FieldCoordinate, type View } from '#gateway/plugin.ts';
import { judge } from './rules/judge.ts';
import { type Rules, readRules } from './rules/rules.ts';

/** What callers with the same rights may touch of one supergraph. */
export interface CallerView {
  readonly rules: Rules;
  /** What they may touch if every policy lets them. */
  readonly view: View;
  /** What they may touch if none does; the same as `view` where no policy has a say. */
  readonly surely: View;
  /** Whether some of the grants that decide are for certain records, stages or locales alone. */
  isConditional(field: FieldCoordinate): boolean;
  readonly hasConditions: boolean;
  /** What they may touch when exactly these policies let them. */
  withPolicies(granted: ReadonlySet<string>): View;
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
      view = createCallerView(caller, this.rules);
      this.#ofRights.set(rights, view);
    }
    this.#ofCaller.set(caller, view);
    return view;
  }
}

/** All that `judge` asks of a caller, as one text. */
function rightsOf({ kind, permissions, environment }: Caller, { scopes }: Rules): string {
  const known = kind === 'anonymous' || kind === 'session' ? kind : 'known';
  const named = permissions.scopes.filter((scope) => scopes.has(scope)).sort();
  return JSON.stringify([known, environment, named, permissions.grants]);
}

function createCallerView(caller: Caller, rules: Rules): CallerView {
  const conditional = new Set<number>();
  const viewWith = (isGranted: (policy: string) => boolean): View =>
    createView(rules.coordinates, (field) => {
      const { outcome } = judge(rules, caller, field, isGranted);
      if (outcome === 'conditional') conditional.add(field.index);
      return outcome !== 'deny';
    });
  const view = viewWith(() => true);
  const surely = rules.policies.length === 0 ? view : viewWith(() => false);
  const outcomes = new LRUCache<string, View>({ max: MAX_OUTCOMES });
  return Object.freeze({
    rules,
    view,
    surely,
    hasConditions: conditional.size > 0,
    isConditional: ({ index }: FieldCoordinate) => conditional.has(index),
    withPolicies(granted: ReadonlySet<string>) {
      const name = rules.policies.filter((policy) => granted.has(policy)).join('\n');
      let known = outcomes.get(name);
      if (known === undefined) {
        known = viewWith((policy) => granted.has(policy));
        outcomes.set(name, known);
      }
      return known;
    },
  });
}
