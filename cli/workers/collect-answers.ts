import type { WorkerAnswer } from '#gateway/worker-group.ts';
import type { WorkerProcess } from './worker-process.ts';

/** A place among the workers: who is in it, and what was said from it. */
export interface Place {
  readonly number: number;
  worker: WorkerProcess | null;
  /** By topic. They outlive the one who said them. */
  readonly lastAnswers: Map<string, unknown>;
}

/** Asks all workers: what each place says, or has said last. One that has never said anything is left out. */
export async function collectAnswers(
  topic: string,
  places: readonly Place[],
): Promise<readonly WorkerAnswer[]> {
  const answers = await Promise.all(places.map((place) => answerOf(topic, place)));
  return answers.filter((answer) => answer !== null);
}

async function answerOf(
  topic: string,
  { worker, lastAnswers }: Place,
): Promise<WorkerAnswer | null> {
  const said = worker?.isServing ? await worker.ask(topic) : null;
  if (said !== null) {
    lastAnswers.set(topic, said.value);
    return { value: said.value, isFresh: true };
  }
  return lastAnswers.has(topic) ? { value: lastAnswers.get(topic), isFresh: false } : null;
}
