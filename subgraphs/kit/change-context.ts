import { AsyncLocalStorage } from 'node:async_hooks';

/** Who changes something, and where the request came from. What is not known is null. */
export interface ChangeContext {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly actorKind: 'anonymous' | 'session' | 'key' | 'jwt' | 'system';
  readonly actorId: string | null;
  /** The id of the session or key, never its text. */
  readonly credentialId: string | null;
  readonly address: string | null;
  readonly requestId: string | null;
}

const storage = new AsyncLocalStorage<ChangeContext>();

/**
 * Runs `work`; every write that it makes is told to the database's triggers together with its context, in the
 * same transaction (see `changeContextSql`).
 */
export function inChangeContext<T>(context: ChangeContext, work: () => T): T {
  return storage.run(context, work);
}

export function currentChangeContext(): ChangeContext | undefined {
  return storage.getStore();
}
