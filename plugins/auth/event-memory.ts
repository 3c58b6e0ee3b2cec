import { LRUCache } from 'lru-cache';
import type { Caller } from '#contract/caller.ts';
import { type IdentityEvent, touchable } from '#contract/identity.ts';

const MAX_REMEMBERED = 50_000;

interface Touch {
  /** Which event of this process it was, counted from 1. */
  readonly count: number;
  readonly sequence: number;
}

/** What an answer knew: so many events of this process had come before it was asked for, and it is as of this one. */
export interface Known {
  readonly count: number;
  readonly sequence: number;
}

/**
 * Which credentials, subjects, organizations, projects and environments identity's events have touched, and when.
 *
 * What is known of a caller is held against it when it is used, so that an event costs the same however many
 * callers are remembered. Bounded: of events long past only the newest is kept, and it counts as having
 * touched everyone, which costs a look-up and never lets a stale caller pass.
 */
export class EventMemory {
  readonly #touches: LRUCache<string, Touch>;
  #forgotten: Touch = { count: 0, sequence: Number.NEGATIVE_INFINITY };
  /** The highest number of an event since the last reset. */
  #newest: Touch = { count: 0, sequence: Number.NEGATIVE_INFINITY };
  #count = 0;

  constructor(maxRemembered: number = MAX_REMEMBERED) {
    this.#touches = new LRUCache({
      max: maxRemembered,
      dispose: (touch, _name, reason) => {
        // What goes with a reset is forgotten on purpose.
        if (reason === 'evict') this.#forgotten = later(this.#forgotten, touch);
      },
    });
  }

  /** How many events there have been. */
  get count(): number {
    return this.#count;
  }

  add(event: IdentityEvent): void {
    this.#count += 1;
    const name = `${event.touches}:${event.id}`;
    const touch = { count: this.#count, sequence: event.sequence };
    this.#newest = later(this.#newest, touch);
    this.#touches.set(name, later(this.#touches.peek(name) ?? touch, touch));
  }

  /**
   * Events may be missing: everyone counts as touched, and what is known as of this number as the newest there is.
   */
  reset(sequence: number): void {
    this.#count += 1;
    this.#touches.clear();
    this.#forgotten = { count: this.#count, sequence };
    this.#newest = this.#forgotten;
  }

  /**
   * Whether an event touched `caller` that an answer knew nothing of: told after it was asked for, and later than
   * what it is as of.
   */
  outdates(caller: Caller, { count, sequence }: Known): boolean {
    // After a reset numbers stand for something else.
    if (this.#forgotten.count > count) return true;
    return this.#touchesOf(caller).some(
      (touch) => touch.count > count && touch.sequence > sequence,
    );
  }

  /** The same for an answer that names nobody: any event may be what it knew nothing of. */
  outdatesNobody({ count, sequence }: Known): boolean {
    if (this.#count === count) return false;
    return this.#forgotten.count > count || this.#newest.sequence > sequence;
  }

  /** Whether an event with a higher sequence number than `sequence` touched `caller`. */
  touchedAfter(caller: Caller, sequence: number): boolean {
    return this.#touchesOf(caller).some((touch) => touch.sequence > sequence);
  }

  #touchesOf(caller: Caller): readonly Touch[] {
    return [
      this.#forgotten,
      ...touchNamesOf(caller).flatMap((name) => this.#touches.peek(name) ?? []),
    ];
  }
}

/** The names under which events speak of a caller. */
export function touchNamesOf(caller: Caller): readonly string[] {
  const ids = { ...caller, credential: caller.credentialId };
  return touchable.flatMap((touches) => {
    const id = ids[touches];
    return id === null ? [] : [`${touches}:${id}`];
  });
}

/** Both numbers at their highest: events may be told out of order. */
function later(a: Touch, b: Touch): Touch {
  return { count: Math.max(a.count, b.count), sequence: Math.max(a.sequence, b.sequence) };
}
