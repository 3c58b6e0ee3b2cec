import cluster, { type Worker } from 'node:cluster';
import type { SupergraphText, ToPrimary, ToWorker, WorkerStart } from './messages.ts';
import { type Heartbeat, watchHeartbeat } from './watch-heartbeat.ts';
import { type WorkerEnd, WorkerEnded } from './worker-end.ts';

/** A worker that has not answered a question by then is too busy to. */
const ANSWER_MS = 1_000;
/** One that has not said by then what became of a supergraph is taken for one that will not. */
const REPLACE_MS = 60_000;

type Reply = Extract<ToPrimary, { readonly type: 'replaced' | 'answer' }>;

/** One worker, from its start to its end, as the primary sees it. */
export class WorkerProcess {
  readonly number: number;
  readonly pid: number;
  /** Resolves when it could listen. Rejects with WorkerEnded, as `serving` does. */
  readonly ready: Promise<void>;
  /** Resolves with the port when it listens. */
  readonly serving: Promise<number>;
  readonly ended: Promise<WorkerEnd>;
  /** Of the supergraph that it serves. */
  version: number;
  readonly #worker: Worker;
  readonly #waiting = new Map<number, (reply: Reply | 'ended' | 'late') => void>();
  #lastId = 0;
  #servingSince: number | null = null;
  #heartbeat: Heartbeat | null = null;

  constructor(start: WorkerStart, onCollect: (id: number, topic: string) => void) {
    const worker = cluster.fork();
    this.#worker = worker;
    this.number = start.number;
    this.version = start.supergraph.version;
    this.pid = worker.process.pid ?? 0;
    const ready = Promise.withResolvers<void>();
    const serving = Promise.withResolvers<number>();
    const ended = Promise.withResolvers<WorkerEnd>();
    this.ready = ready.promise;
    this.serving = serving.promise;
    this.ended = ended.promise;
    // Whoever waits for them is told; nobody has to.
    this.ready.catch(() => {});
    this.serving.catch(() => {});

    let failure: WorkerEnd['failure'] = null;
    worker.on('message', (message: ToPrimary) => {
      this.#heartbeat?.heard();
      switch (message.type) {
        case 'pong':
          return this.#heartbeat?.heard(message.isDebugged);
        case 'ready':
          return ready.resolve();
        case 'serving':
          this.#servingSince = performance.now();
          return serving.resolve(message.port);
        case 'failed':
          failure = message;
          return;
        case 'collect':
          return onCollect(message.id, message.topic);
        default:
          this.#waiting.get(message.id)?.(message);
      }
    });
    const end = (code: number | null, signal: string | null): void => {
      const servedMs = this.#servingSince === null ? 0 : performance.now() - this.#servingSince;
      const how = { code, signal, servedMs, failure };
      this.#servingSince = null;
      this.#heartbeat?.stop();
      for (const settle of this.#waiting.values()) settle('ended');
      ready.reject(new WorkerEnded(how));
      serving.reject(new WorkerEnded(how));
      ended.resolve(how);
    };
    // What it has said last may arrive after it has gone: the channel ends behind it.
    const gone = new Promise<void>((resolve) => worker.once('disconnect', resolve));
    worker.once('exit', (code: number | null, signal: string | null) => {
      void gone.then(() => end(code, signal));
    });
    worker.on('error', (error) => {
      if (worker.process.pid !== undefined) return;
      failure = { code: null, message: `no process can be started (${error.message})` };
      end(null, null);
    });
    this.send({ type: 'start', start });
  }

  get isServing(): boolean {
    return this.#servingSince !== null;
  }

  /** Calls back when its event loop has stood still for `hangMs`, once; from now on, and until it ends. */
  watch(hangMs: number, onHang: () => void): void {
    this.#heartbeat = watchHeartbeat(hangMs, () => this.send({ type: 'ping' }), onHang);
  }

  /** What it answers to a topic; null when it does not in time. */
  async ask(topic: string): Promise<{ readonly value: unknown } | null> {
    const reply = await this.#request((id) => ({ type: 'ask', id, topic }), ANSWER_MS);
    return typeof reply === 'object' && reply.type === 'answer' ? { value: reply.value } : null;
  }

  /** Hands it another supergraph, and waits until it serves it, or has refused it and said why in the log. */
  async replaceSupergraph(
    supergraph: SupergraphText,
  ): Promise<'served' | 'refused' | 'ended' | 'late'> {
    const { version, sdl } = supergraph;
    const reply = await this.#request((id) => ({ type: 'supergraph', id, sdl }), REPLACE_MS);
    if (typeof reply === 'string') return reply;
    const isServed = reply.type === 'replaced' && reply.isServed;
    if (isServed) this.version = version;
    return isServed ? 'served' : 'refused';
  }

  /** A worker that is ending hears nothing any more. */
  send(message: ToWorker): void {
    if (this.#worker.isConnected()) this.#worker.send(message, () => {});
  }

  kill(): void {
    this.#worker.process.kill('SIGKILL');
  }

  async #request(message: (id: number) => ToWorker, ms: number): Promise<Reply | 'ended' | 'late'> {
    this.#lastId += 1;
    const id = this.#lastId;
    const reply = Promise.withResolvers<Reply | 'ended' | 'late'>();
    this.#waiting.set(id, reply.resolve);
    const timer = setTimeout(() => reply.resolve('late'), ms);
    this.send(message(id));
    try {
      return await reply.promise;
    } finally {
      clearTimeout(timer);
      this.#waiting.delete(id);
    }
  }
}
