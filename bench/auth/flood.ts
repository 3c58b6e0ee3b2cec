import { Pool } from 'undici';
import { cpuMicros } from '../usage.ts';

export interface Flood {
  readonly url: string;
  readonly pid: number;
  /** The credentials, one after the other; none when empty. */
  readonly keys: readonly string[];
  readonly status: number;
  readonly requests: number;
}

export interface Flooded {
  readonly perSecond: number;
  readonly cpuMicros: number;
}

const CONNECTIONS = 50;
const BODY = '{"query":"{ __typename }"}';

/** Sends requests over fifty connections and waits for all. @throws Error for an answer with another status */
export async function flood({ url, pid, keys, status, requests }: Flood): Promise<Flooded> {
  const pool = new Pool(url, { connections: CONNECTIONS });
  const cpuBefore = await cpuMicros(pid);
  const began = performance.now();
  let next = 0;
  const send = async (): Promise<void> => {
    while (next < requests) {
      const key = keys[next++ % Math.max(keys.length, 1)];
      const { statusCode, body } = await pool.request({
        method: 'POST',
        path: '/graphql',
        headers: {
          'content-type': 'application/json',
          ...(key !== undefined && { authorization: `Bearer ${key}` }),
        },
        body: BODY,
      });
      await body.dump();
      if (statusCode !== status) throw new Error(`answered ${statusCode} instead of ${status}`);
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, send));
  const seconds = (performance.now() - began) / 1_000;
  const cpu = (await cpuMicros(pid)) - cpuBefore;
  await pool.close();
  return { perSecond: Math.round(requests / seconds), cpuMicros: Math.round(cpu / requests) };
}
