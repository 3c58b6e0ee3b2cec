import type { IdentityEvent } from '#contract/identity.ts';

/** What changed about credentials and people in this process, in order. */
export interface IdentityEvents {
  /** The last event so far. Read it before the store: what is read then is at least that new. */
  readonly sequence: number;
  /** Tells every listener before it returns. Only for a change that is committed. */
  emit(touches: IdentityEvent['touches'], id: string): void;
  subscribe(listener: (event: IdentityEvent) => void): () => void;
}

/** @param onListenerError is given what a listener throws: the change has happened, and others must hear of it */
export function createIdentityEvents(onListenerError: (error: unknown) => void): IdentityEvents {
  const listeners = new Set<(event: IdentityEvent) => void>();
  let sequence = 0;
  return {
    get sequence() {
      return sequence;
    },
    emit(touches, id) {
      sequence += 1;
      const event = Object.freeze({ sequence, touches, id });
      for (const listener of listeners) {
        try {
          listener(event);
        } catch (error) {
          onListenerError(error);
        }
      }
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
