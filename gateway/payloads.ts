export interface PayloadHooks {
  /** May change a payload before it is read. */
  readonly each: (text: string) => Promise<string>;
  readonly onFailure: (error: unknown) => void;
  /** Called once, when the last one was read, when one failed, or when the reader left. It must end the source. */
  readonly onClose: () => void;
}

/**
 * The payloads of an answer that has several, as JSON texts. The first one is worked on at once, and the end is
 * noticed however it comes: also when the reader leaves before it has read anything.
 */
export class Payloads implements AsyncIterableIterator<string, undefined, undefined> {
  readonly #source: AsyncGenerator<string>;
  readonly #hooks: PayloadHooks;
  #first: Promise<IteratorResult<string>> | null;
  #isClosed = false;

  constructor(source: AsyncGenerator<string>, hooks: PayloadHooks) {
    this.#source = source;
    this.#hooks = hooks;
    this.#first = source.next();
    // Whoever reads it is told.
    this.#first.catch(() => undefined);
  }

  async next(): Promise<IteratorResult<string, undefined>> {
    const reading = this.#first ?? this.#source.next();
    this.#first = null;
    try {
      const { done, value } = await reading;
      if (!done && !this.#isClosed) return { done: false, value: await this.#hooks.each(value) };
    } catch (error) {
      this.#hooks.onFailure(error);
      this.#close();
      throw error;
    }
    this.#close();
    return { done: true, value: undefined };
  }

  /** Leaves. A source that is waiting for something is not waited for. */
  async return(): Promise<IteratorResult<string, undefined>> {
    this.#close();
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#hooks.onClose();
    this.#source.return(undefined).catch(this.#hooks.onFailure);
  }
}
