import { Pool } from 'undici';
import { startOpen } from '../gateways/castellan.ts';
import { stopAll } from '../processes.ts';
import { startGraph } from '../scenarios/start-graph.ts';
import { cpuMicros, peakMemoryMb } from '../usage.ts';
import { openHeap } from './heap.ts';
import { operationOf, type SoakOperation } from './operations.ts';

export interface SoakOptions {
  readonly requests: number;
  /** How many different operations are sent. */
  readonly operations: number;
}

const PARTS = 10;
const CONNECTIONS = 50;
/** Every other request is one of these, so that some operations are always warm. */
const HOT_OPERATIONS = 500;
/** By how much the heap may differ from one third to the next. */
const TOLERANCE = 0.03;
const MB = 1_000_000;

/**
 * Sends very many requests of very many operations, and looks after each tenth how much memory the gateway cannot
 * give back. Prints it; answers the exit code: 1 when it still grows at the end.
 */
export async function soak({ requests, operations }: SoakOptions): Promise<number> {
  const graph = await startGraph();
  try {
    const gateway = await startOpen({ ...graph, dedupe: true }, ['--inspect=127.0.0.1:0']);
    const inspector = /ws:\/\/\S+/.exec(gateway.output())?.[0];
    if (inspector === undefined) throw new Error(`no inspector: ${gateway.output()}`);
    const heap = await openHeap(inspector);
    const ask = new Asking(gateway.url, operations);
    const used: number[] = [];
    process.stdout.write('  requests    heap MB   CPU µs a request   peak RSS MB\n');
    for (let part = 1; part <= PARTS; part += 1) {
      const before = await cpuMicros(gateway.pid);
      await ask.many(Math.ceil(requests / PARTS));
      const cpu = ((await cpuMicros(gateway.pid)) - before) / (requests / PARTS);
      used.push(await heap.usedAfterCollection());
      const columns = [
        String(Math.ceil(requests / PARTS) * part).padStart(10),
        ((used.at(-1) ?? 0) / MB).toFixed(1).padStart(10),
        cpu.toFixed(0).padStart(18),
        String(await peakMemoryMb(gateway.pid)).padStart(13),
      ];
      process.stdout.write(`${columns.join(' ')}\n`);
    }
    heap.close();
    await ask.close();
    await gateway.stop();
    return judge(used);
  } finally {
    await stopAll();
    await graph.remove();
  }
}

function judge(used: readonly number[]): number {
  const middle = mean(used.slice(3, 6));
  const last = mean(used.slice(7, 10));
  const growth = last / middle - 1;
  const isFlat = growth <= TOLERANCE;
  process.stdout.write(
    `${isFlat ? 'flat' : 'GROWS'}: the last third holds ${(growth * 100).toFixed(1)} % more than the middle one ` +
      `(tolerance ${TOLERANCE * 100} %)\n`,
  );
  return isFlat ? 0 : 1;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Asks operations in an order that is the same each time. */
class Asking {
  readonly #pool: Pool;
  readonly #path: string;
  readonly #operations: number;
  #state = 1;

  constructor(url: string, operations: number) {
    const { origin, pathname } = new URL(url);
    this.#pool = new Pool(origin, { connections: CONNECTIONS });
    this.#path = pathname;
    this.#operations = operations;
  }

  /** @throws Error for the first answer that is not what it should be */
  async many(requests: number): Promise<void> {
    let left = requests;
    const connection = async (): Promise<void> => {
      while (left > 0) {
        left -= 1;
        await this.#ask(operationOf(this.#next()));
      }
    };
    await Promise.all(Array.from({ length: CONNECTIONS }, connection));
  }

  close(): Promise<void> {
    return this.#pool.close();
  }

  async #ask({ body, refusedWith }: SoakOperation): Promise<void> {
    const { statusCode, body: answer } = await this.#pool.request({
      method: 'POST',
      path: this.#path,
      headers: { 'content-type': 'application/json', accept: 'application/json' },
      body,
    });
    const text = await answer.text();
    const isRight =
      refusedWith === null
        ? statusCode === 200 && text.startsWith('{"data":{') && !text.includes('"errors"')
        : text.startsWith('{"errors":') && text.includes(`"code":"${refusedWith}"`);
    if (!isRight) throw new Error(`${body.slice(0, 300)}\nwas answered ${statusCode}: ${text}`);
  }

  #next(): number {
    // A linear congruential generator (Numerical Recipes); its upper bits are the random ones.
    this.#state = (Math.imul(this.#state, 1_664_525) + 1_013_904_223) >>> 0;
    const random = this.#state >>> 8;
    return random % 2 === 0 ? (random >>> 1) % HOT_OPERATIONS : (random >>> 1) % this.#operations;
  }
}
