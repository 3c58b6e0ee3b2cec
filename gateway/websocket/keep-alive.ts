import type { Socket } from 'node:net';
import type { WebSocket } from 'ws';

export interface KeepAliveOptions {
  readonly keepAliveSeconds: number;
  readonly maxBufferedBytes: number;
}

/**
 * Finds clients that are gone, and bounds what waits for those that do not read.
 *
 * Alive is who sends something, if only the answer to a ping, or takes some of what has been waiting for it: a
 * long download is no silence. A client that sends and does not read is not read either while too much waits for
 * it, so that it counts as gone at last.
 */
export class KeepAlive {
  readonly #socket: WebSocket;
  readonly #connection: Socket;
  readonly #maxBufferedBytes: number;
  readonly #timer: NodeJS.Timeout;
  #before = { bytesRead: -1, taken: 0, waiting: 0 };

  constructor(socket: WebSocket, connection: Socket, options: KeepAliveOptions) {
    this.#socket = socket;
    this.#connection = connection;
    this.#maxBufferedBytes = options.maxBufferedBytes;
    this.#timer = setInterval(() => this.#check(), options.keepAliveSeconds * 1_000);
    this.#timer.unref();
  }

  /** Reads no more from the client until it has taken what waits for it, when that is too much. */
  holdBack(): void {
    if (this.#socket.isPaused || this.#socket.bufferedAmount <= this.#maxBufferedBytes) return;
    this.#socket.pause();
    this.#connection.once('drain', () => this.#socket.resume());
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #check(): void {
    const { bytesRead, bytesWritten, writableLength: waiting } = this.#connection;
    const now = { bytesRead, taken: bytesWritten - waiting, waiting };
    const { bytesRead: read, taken, waiting: waited } = this.#before;
    this.#before = now;
    // What the kernel takes is taken by the client only when there was more than the kernel can hold.
    if (now.bytesRead !== read || (waited > 0 && now.taken > taken)) this.#socket.ping();
    else this.#socket.terminate();
  }
}
