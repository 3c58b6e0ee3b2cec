import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { CodedError } from '#contract/errors.ts';
import type { GatewayFlags } from '../prepare-gateway.ts';
import { collectAnswers, type Place } from './collect-answers.ts';
import type { SupergraphText } from './messages.ts';
import { type RestartOptions, RestartPolicy } from './restart-policy.ts';
import { errorOf, inWords, WorkerEnded } from './worker-end.ts';
import { WorkerProcess } from './worker-process.ts';

export interface WorkerPoolOptions {
  readonly count: number;
  readonly flags: GatewayFlags;
  /** 0: any free one, the same for all. */
  readonly port: number;
  /** The first supergraph, and where it comes from. */
  readonly sdl: string;
  readonly place: string;
  readonly restarts: RestartOptions;
  readonly drainSeconds: number;
  /** How long a worker may not answer before it is ended and replaced; 0: for ever. */
  readonly hangSeconds: number;
  readonly logger: Logger;
}

/** Workers end by themselves when the time to drain is over; one that cannot is ended this much later. */
const GRACE_MS = 1_000;

/** The workers of a gateway: starts them, replaces those that die, and stops them. */
export class WorkerPool {
  /** Rejects with CodedError WORKERS_FAILED when workers die again and again; it never resolves. */
  readonly failed: Promise<never>;
  readonly #fail: (error: Error) => void;
  readonly #options: WorkerPoolOptions;
  readonly #places: readonly Place[];
  readonly #stopping = new AbortController();
  /** What the next worker is started with: the newest that some worker has proved to serve. */
  #served: SupergraphText;
  /** One that nobody has tried yet. */
  #untried: SupergraphText | null = null;
  #versions = 0;
  #port: number;

  constructor(options: WorkerPoolOptions) {
    const failed = Promise.withResolvers<never>();
    this.failed = failed.promise;
    this.failed.catch(() => {});
    this.#fail = failed.reject;
    this.#options = options;
    this.#port = options.port;
    this.#served = { version: 0, sdl: options.sdl };
    this.#places = Array.from({ length: options.count }, (_, index) => ({
      number: index + 1,
      worker: null,
      lastAnswers: new Map(),
    }));
  }

  /**
   * Starts them and answers the port when all of them listen. The first one is alone until it could listen: what is
   * wrong is then found, and told, once.
   * @throws CodedError whatever a worker found wrong; WORKERS_FAILED when one died without a word
   */
  async start(): Promise<number> {
    try {
      const [first, ...others] = this.#places.map((place) => () => this.#spawn(place));
      await first?.().ready;
      const started = others.map((spawn) => spawn());
      await Promise.all(started.map(({ ready }) => ready));
      for (const { worker } of this.#places) if (worker !== null) await this.#listen(worker);
    } catch (error) {
      this.killAll();
      await this.#allEnded();
      throw error instanceof WorkerEnded ? errorOf(error.end) : error;
    }
    for (const place of this.#places) void this.#keep(place);
    return this.#port;
  }

  /**
   * Has one worker try a new supergraph, and hands it to the others when that one serves it: what cannot be served
   * is refused once, and what kills a worker kills one.
   */
  async replaceSupergraph(sdl: string): Promise<void> {
    this.#versions += 1;
    this.#untried = { version: this.#versions, sdl };
    await this.#tryNewSupergraph();
  }

  /** Lets all of them finish what is under way. Answers whether they did in time. */
  async stop(): Promise<boolean> {
    this.#stopping.abort();
    let isInTime = true;
    const late = setTimeout(
      () => {
        isInTime = false;
        this.killAll();
      },
      this.#options.drainSeconds * 1_000 + GRACE_MS,
    );
    for (const { worker } of this.#places) {
      if (worker?.isServing !== true) {
        worker?.kill();
        continue;
      }
      worker.send({ type: 'stop' });
      void worker.ended.then(({ code }) => {
        if (code !== 0) isInTime = false;
      });
    }
    await this.#allEnded();
    clearTimeout(late);
    return isInTime;
  }

  get isStopping(): boolean {
    return this.#stopping.signal.aborted;
  }

  killAll(): void {
    for (const { worker } of this.#places) worker?.kill();
  }

  async #allEnded(): Promise<void> {
    await Promise.all(this.#places.map(({ worker }) => worker?.ended));
  }

  #spawn(place: Place): WorkerProcess {
    const start = {
      number: place.number,
      flags: this.#options.flags,
      place: this.#options.place,
      supergraph: this.#served,
      inherited: place.lastAnswers,
    };
    const worker: WorkerProcess = new WorkerProcess(start, async (id, topic) => {
      const answers = await collectAnswers(topic, this.#places);
      worker.send({ type: 'collected', id, answers });
    });
    place.worker = worker;
    return worker;
  }

  async #listen(worker: WorkerProcess): Promise<void> {
    // Whoever asks for port 0 while others listen on it gets the same one as they; when none is left, another one.
    const isShared = this.#places.some((place) => place.worker?.isServing);
    worker.send({ type: 'listen', port: isShared ? this.#options.port : this.#port });
    this.#port = await worker.serving;
    const { pid, number } = worker;
    const { logger, hangSeconds } = this.#options;
    const about = { worker: number, workerPid: pid };
    logger.info(about, 'a worker serves');
    if (hangSeconds === 0) return;
    worker.watch(hangSeconds * 1_000, () => {
      logger.error(about, `a worker has not answered for ${hangSeconds} seconds; it is ended`);
      worker.kill();
    });
  }

  /** Keeps somebody in a place, until the pool stops or those in it die too often. */
  async #keep(place: Place): Promise<void> {
    const { restarts, logger } = this.#options;
    const policy = new RestartPolicy(restarts);
    const { signal } = this.#stopping;
    for (let { worker } = place; worker !== null; worker = place.worker) {
      const end = await worker.ended;
      if (signal.aborted) return;
      const pauseMs = policy.pauseAfterDeath(end.servedMs);
      const about = { worker: place.number, workerPid: worker.pid };
      if (pauseMs === null) {
        logger.fatal(about, `a worker ended (${inWords(end)}), like those before it`);
        const times = `${restarts.maxRestarts + 1} times in a row`;
        this.#fail(
          new CodedError(
            'WORKERS_FAILED',
            `A worker ended ${times} soon after its start; the last time: ${inWords(end)}`,
          ),
        );
        return;
      }
      logger.error(
        { ...about, pauseMs },
        `a worker ended (${inWords(end)}); another one is started`,
      );
      try {
        await sleep(pauseMs, undefined, { signal });
        await this.#replace(place);
      } catch {
        // It was stopped, or died before it served: both are seen above.
        if (signal.aborted) return;
      }
    }
  }

  /** @throws WorkerEnded */
  async #replace(place: Place): Promise<void> {
    const worker = this.#spawn(place);
    await worker.ready;
    await this.#listen(worker);
    if (worker.version < this.#served.version) void worker.replaceSupergraph(this.#served);
    void this.#tryNewSupergraph();
  }

  async #tryNewSupergraph(): Promise<void> {
    const supergraph = this.#untried;
    const [first] = this.#servingWorkers();
    // Then the next one that serves tries it.
    if (supergraph === null || first === undefined) return;
    this.#untried = null;
    const outcome = await first.replaceSupergraph(supergraph);
    if (outcome === 'served') {
      this.#served = supergraph;
      const others = this.#servingWorkers().filter(({ version }) => version < supergraph.version);
      await Promise.all(others.map((worker) => worker.replaceSupergraph(supergraph)));
    } else if (outcome !== 'refused') {
      const how = outcome === 'ended' ? 'died while it loaded' : 'does not come to an end with';
      this.#options.logger.error(
        { worker: first.number, workerPid: first.pid },
        `a worker ${how} the new supergraph; the others are not given it`,
      );
    }
  }

  #servingWorkers(): readonly WorkerProcess[] {
    return this.#places.flatMap(({ worker }) => (worker?.isServing ? [worker] : []));
  }
}
