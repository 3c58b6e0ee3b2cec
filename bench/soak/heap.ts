import { once } from 'node:events';

/** The memory of another process that runs with `--inspect`. */
export interface Heap {
  /** Bytes in use on the heap and beside it (buffers), after everything that can go has gone. */
  usedAfterCollection(): Promise<number>;
  close(): void;
}

interface Usage {
  readonly usedSize: number;
  readonly backingStorageSize: number;
}

/** @param url as Node says it: `Debugger listening on ws://…` */
export async function openHeap(url: string): Promise<Heap> {
  const socket = new WebSocket(url);
  await once(socket, 'open');
  // One question at a time.
  const ask = async (method: string): Promise<unknown> => {
    const answered = once(socket, 'message');
    socket.send(JSON.stringify({ id: 1, method }));
    const [{ data }] = (await answered) as [MessageEvent];
    const { result, error } = JSON.parse(String(data));
    if (error !== undefined) throw new Error(`${method}: ${error.message}`);
    return result;
  };
  return {
    async usedAfterCollection() {
      // What a first collection finalizes, a second one frees.
      await ask('HeapProfiler.collectGarbage');
      await ask('HeapProfiler.collectGarbage');
      const { usedSize, backingStorageSize } = (await ask('Runtime.getHeapUsage')) as Usage;
      return usedSize + backingStorageSize;
    },
    close: () => socket.close(),
  };
}
