import { LRUCache } from 'lru-cache';
import type { Caller } from '#contract/caller.ts';

/** What of contents a request means wherever its operation names nothing. */
export interface AskedContent {
  /** Instead of the default stage of the caller's environment. */
  readonly stage?: string;
  /** Any of these languages. */
  readonly locales?: readonly string[];
}

/** How many such wishes of one caller are kept; a client has a few. */
const MAX_WISHES = 16;

const askers = new WeakMap<Caller, LRUCache<string, Caller>>();
const behind = new WeakMap<Caller, Caller>();

/** The caller as identity knows them, without wishes. */
export function callerBehind(caller: Caller): Caller {
  return behind.get(caller) ?? caller;
}

/**
 * A caller with such a wish: the same rights, and the same object for the same wish, so that what belongs to a caller
 * (views, claims, calls and streams that are shared) is kept for each wish by itself.
 */
export function callerAsking(caller: Caller, { stage, locales: given }: AskedContent): Caller {
  // None at all is no wish.
  const locales = given?.length === 0 ? undefined : given;
  if (stage === undefined && locales === undefined) return caller;
  let known = askers.get(caller);
  if (known === undefined) {
    known = new LRUCache({ max: MAX_WISHES });
    askers.set(caller, known);
  }
  const wish = JSON.stringify([stage, locales]);
  let asker = known.get(wish);
  if (asker === undefined) {
    asker = Object.freeze({
      ...caller,
      ...(stage !== undefined && { defaultStage: stage }),
      ...(locales !== undefined && { locales: Object.freeze([...locales]) }),
    });
    known.set(wish, asker);
    behind.set(asker, caller);
  }
  return asker;
}
