import type { WorkerAnswer, WorkerGroup } from '#gateway/worker-group.ts';
import { say } from './channel.ts';
import type { ToWorker } from './messages.ts';

type Heard = Extract<ToWorker, { readonly type: 'ask' | 'collected' }>;

/** The group as a worker sees it: it asks the others by way of the primary. */
export class ConnectedGroup implements WorkerGroup {
  readonly #answers = new Map<string, () => Promise<unknown>>();
  readonly #collecting = new Map<number, (answers: readonly WorkerAnswer[]) => void>();
  #inherited: ReadonlyMap<string, unknown> = new Map();
  #lastId = 0;

  constructor() {
    process.once('disconnect', () => {
      for (const settle of this.#collecting.values()) settle([]);
    });
  }

  inherit(answers: ReadonlyMap<string, unknown>): void {
    this.#inherited = answers;
  }

  provide(topic: string, answer: () => Promise<unknown>): void {
    this.#answers.set(topic, answer);
  }

  inherited(topic: string): unknown {
    return this.#inherited.get(topic);
  }

  async collect(topic: string): Promise<readonly WorkerAnswer[]> {
    this.#lastId += 1;
    const id = this.#lastId;
    const collected = Promise.withResolvers<readonly WorkerAnswer[]>();
    this.#collecting.set(id, collected.resolve);
    if (process.connected) say({ type: 'collect', id, topic });
    else collected.resolve([]);
    const answers = await collected.promise;
    this.#collecting.delete(id);
    // Without a primary there is still this process.
    const own = this.#answers.get(topic);
    if (answers.length > 0 || own === undefined) return answers;
    return [{ value: await own(), isFresh: true }];
  }

  hear(message: Heard): void {
    if (message.type === 'collected') this.#collecting.get(message.id)?.(message.answers);
    else void this.#answer(message.id, message.topic);
  }

  /** What cannot be answered is not: the primary goes on without it. */
  async #answer(id: number, topic: string): Promise<void> {
    try {
      const value = await this.#answers.get(topic)?.();
      if (value !== undefined) say({ type: 'answer', id, value });
    } catch (error) {
      process.emitWarning(`${topic} cannot be told: ${String(error)}`);
    }
  }
}
