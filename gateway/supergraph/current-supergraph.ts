import type { FastifyBaseLogger } from 'fastify';
import { CodedError } from '#contract/errors.ts';
import type { HookLists } from '../hooks.ts';
import { prepareHottest } from '../operation/prepare-hottest.ts';
import type { Generation } from './generation.ts';
import type { Supergraph } from './supergraph.ts';

export interface CurrentSupergraphParts {
  /** @throws CodedError SUPERGRAPH_INVALID, CONFIGURATION_INVALID */
  readonly load: (sdl: string) => Promise<Supergraph>;
  /** What goes with a supergraph. @throws CodedError CONFIGURATION_INVALID for options that do not fit it */
  readonly build: (supergraph: Supergraph) => Generation;
  readonly hooks: HookLists;
  /** Whether every request has every right, so that nothing has to be guarded. */
  readonly isOpen: boolean;
  /** How many operations are prepared before a swap, and how long that may take. */
  readonly preparing: { readonly preparedOperations: number; readonly prepareTimeoutMs: number };
  readonly logger: Pick<FastifyBaseLogger, 'debug' | 'info' | 'error'>;
  /** Called in the moment of a swap. */
  readonly onSwap: (supergraph: Supergraph) => void;
}

const UNGUARDED =
  'The supergraph guards fields with directives, and no plugin here enforces them; put authorization into castellan.config.ts';

export type SwapOutcome =
  | { readonly kind: 'swapped' }
  | { readonly kind: 'refused'; readonly error: Error }
  /** A newer one came before its turn. */
  | { readonly kind: 'superseded' };

/** What can be seen of the supergraph that is served, and of what came before it. */
export interface SupergraphStatus {
  /** The one that a request gets now. */
  readonly served: Supergraph;
  readonly swaps: number;
  readonly swapsRefused: number;
  /** How often its source could not be read. */
  readonly readsFailed: number;
  /** How many are alive: this one, and those that requests which began with them are still in. */
  readonly generations: number;
  /**
   * Serves another one from the next request on. One is loaded at a time; of those that wait, only the newest is.
   * It does not throw: one that cannot be served is refused, and the current one goes on.
   */
  replace(sdl: string): Promise<SwapOutcome>;
}

/** Holds the supergraph that is served, and puts another one in its place without a request noticing. */
export class CurrentSupergraph implements SupergraphStatus {
  swaps = 0;
  swapsRefused = 0;
  readsFailed = 0;
  readonly #parts: CurrentSupergraphParts;
  readonly #first: Supergraph;
  #current: Generation | null = null;
  readonly #retiring = new Set<Promise<void>>();
  readonly #listeners = new Set<() => void>();
  #newest: symbol | null = null;
  #turn: Promise<unknown> = Promise.resolve();
  #isFinal = false;

  constructor(first: Supergraph, parts: CurrentSupergraphParts) {
    this.#parts = parts;
    this.#first = first;
  }

  /** What a request takes, once, at its beginning. */
  get current(): Generation {
    if (this.#current === null) throw new TypeError('the first supergraph is not connected yet');
    return this.#current;
  }

  get served(): Supergraph {
    return this.#current?.supergraph ?? this.#first;
  }

  /**
   * Connects the first one, once all plugins have said what subgraphs they are.
   * @throws CodedError CONFIGURATION_INVALID for options that do not fit it
   */
  connect(): void {
    this.#current ??= this.#parts.build(this.#first);
  }

  get generations(): number {
    return this.#retiring.size + 1;
  }

  /** Tells plugins of the first one. What one of them throws stops the boot. */
  async announce(): Promise<void> {
    await this.#tellPlugins(this.served);
  }

  /** Calls back after each swap; returns the way to stop. */
  onSwap(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  noteFailedRead(error: Error): void {
    this.readsFailed += 1;
    this.#parts.logger.error(`${error.message}; the supergraph that is served goes on`);
  }

  replace(sdl: string): Promise<SwapOutcome> {
    const request = Symbol('replace');
    this.#newest = request;
    const outcome = this.#turn.then(
      (): Promise<SwapOutcome> =>
        this.#newest === request ? this.#swap(sdl) : Promise.resolve({ kind: 'superseded' }),
    );
    this.#turn = outcome;
    return outcome;
  }

  /** From now on the current one stays, to the end. */
  stopReplacing(): void {
    this.#isFinal = true;
  }

  /** Ends all that is alive, each when its last request has ended. */
  async close(): Promise<void> {
    this.stopReplacing();
    await this.#turn;
    if (this.#current === null) await this.#first.close();
    else this.#retire(this.#current);
    await Promise.all(this.#retiring);
  }

  async #swap(sdl: string): Promise<SwapOutcome> {
    const { load, logger, onSwap, preparing } = this.#parts;
    const started = performance.now();
    let next: Generation | null = null;
    try {
      next = await this.#build(await load(sdl));
      const prepared = await prepareHottest(this.current.operations, next.operations, {
        ...preparing,
        logger,
      });
      await this.#tellPlugins(next.supergraph);
      if (this.#isFinal) throw new CodedError('SHUTTING_DOWN');
      const before = this.current;
      this.#current = next;
      onSwap(next.supergraph);
      this.swaps += 1;
      for (const listener of this.#listeners) listener();
      this.#retire(before);
      const tookMs = Math.round(performance.now() - started);
      logger.info({ swaps: this.swaps, prepared, tookMs }, 'a new supergraph is served');
      return { kind: 'swapped' };
    } catch (thrown) {
      const error = thrown instanceof Error ? thrown : new Error(String(thrown));
      await next?.close();
      if (!this.#isFinal) {
        this.swapsRefused += 1;
        const code = error instanceof CodedError ? error.code : undefined;
        logger.error(
          { code, swapsRefused: this.swapsRefused },
          `the new supergraph is refused and the one that is served goes on: ${error.message}`,
        );
      }
      return { kind: 'refused', error };
    }
  }

  async #build(supergraph: Supergraph): Promise<Generation> {
    try {
      return this.#parts.build(supergraph);
    } catch (error) {
      await supergraph.close();
      throw error;
    }
  }

  async #tellPlugins(supergraph: Supergraph): Promise<void> {
    const { hooks, isOpen } = this.#parts;
    if (supergraph.coordinates.isGuarded && hooks.onAccess === null && !isOpen) {
      throw new CodedError('SUPERGRAPH_INVALID', UNGUARDED);
    }
    for (const hook of hooks.onSupergraph ?? []) await hook(supergraph);
  }

  #retire(generation: Generation): void {
    const retiring = generation.retire().then(
      () => void this.#retiring.delete(retiring),
      (error: Error) => {
        this.#retiring.delete(retiring);
        this.#parts.logger.error(`an old supergraph could not be closed: ${error.message}`);
      },
    );
    this.#retiring.add(retiring);
  }
}
