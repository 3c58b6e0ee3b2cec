import { LRUCache } from 'lru-cache';
import type { Clock } from '#contract/clock.ts';
import { networkOf } from '#contract/network.ts';

const MINUTE_MS = 60_000;
const MAX_ADDRESSES = 10_000;

/** How many reports an address may send in a minute, in this process. */
export interface ReportLimit {
  /** Counts one. @returns how many seconds to wait before the next; 0 when it may be sent now */
  count(address: string): number;
}

/** Bounded: of many addresses the one that was not heard of for longest is forgotten. */
export function createReportLimit(clock: Clock, perMinute: number): ReportLimit {
  const windows = new LRUCache<string, { count: number; readonly endsAt: number }>({
    max: MAX_ADDRESSES,
  });
  return {
    count(address) {
      // Of IPv6 one client has a whole network.
      const name = networkOf(address, { ipv4: 32, ipv6: 64 }) ?? 'unknown';
      const now = clock.monotonic();
      const known = windows.get(name);
      const window =
        known !== undefined && now < known.endsAt ? known : { count: 0, endsAt: now + MINUTE_MS };
      if (window !== known) windows.set(name, window);
      window.count += 1;
      return window.count <= perMinute ? 0 : Math.ceil((window.endsAt - now) / 1_000);
    },
  };
}
