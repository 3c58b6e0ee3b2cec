/**
 * Messages from several senders to one reader. Unlike a race of promises, of which one lives long, it keeps
 * nothing of what was read.
 */
export class Mailbox<Message> {
  readonly #messages: Message[] = [];
  #reader: ((message: Message) => void) | null = null;

  send(message: Message): void {
    const reader = this.#reader;
    if (reader === null) {
      this.#messages.push(message);
      return;
    }
    this.#reader = null;
    reader(message);
  }

  /** The oldest message that was not read; one reader at a time. */
  next(): Promise<Message> {
    const message = this.#messages.shift();
    if (message !== undefined) return Promise.resolve(message);
    return new Promise((resolve) => {
      this.#reader = resolve;
    });
  }

  /** What can be read without waiting. */
  takeAll(): Message[] {
    return this.#messages.splice(0);
  }
}
