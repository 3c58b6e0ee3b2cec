/** The processes that serve one port together (`--workers`), as one of them sees the group. */
export interface WorkerGroup {
  /** Sets what this process answers when one of the group, itself included, asks for `topic`. Values are cloned. */
  provide(topic: string, answer: () => Promise<unknown>): void;
  /** Asks all of the group. Of a process that does not answer in time, or has died, it is the last that it said. */
  collect(topic: string): Promise<readonly WorkerAnswer[]>;
  /** The last answer of the process whose place this one has taken; undefined when there was none. */
  inherited(topic: string): unknown;
}

/** What one process of the group says. */
export interface WorkerAnswer {
  readonly value: unknown;
  /** Whether it was said now; otherwise it was the last time that somebody asked. */
  readonly isFresh: boolean;
}
