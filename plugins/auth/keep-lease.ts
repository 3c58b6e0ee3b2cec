import type { Clock } from '#contract/clock.ts';
import type { Identity } from '#contract/identity.ts';
import type { Lease } from './lease.ts';
import { withTimeLimit } from './time-limit.ts';

export interface LeaseKeeperParts {
  readonly identity: Pick<Identity, 'lease'>;
  readonly lease: Lease;
  readonly clock: Clock;
  /** Told once of each time in which no lease is granted. */
  readonly onFailure: (error: unknown) => void;
  /** The store is another one than before. */
  readonly onLost: () => void;
}

export interface LeaseKeeper {
  /** Asks for a lease. It settles when there is one, or none. */
  renew(): Promise<void>;
  close(): void;
}

/** Leases that are asked for and not answered yet. */
const MAX_UNDER_WAY = 3;

/** Asks for a new lease three times in the life of one, so that one lost answer, or two, end nothing. */
export function keepLease(
  { identity, lease, clock, onFailure, onLost }: LeaseKeeperParts,
  leaseSeconds: number,
): LeaseKeeper {
  const lifeMs = leaseSeconds * 1_000;
  let underWay = 0;
  let isFailing = false;

  async function renew(): Promise<void> {
    if (underWay >= MAX_UNDER_WAY) return;
    underWay += 1;
    const request = lease.request(clock.monotonic());
    try {
      // What is answered later than it lasts is of no use.
      const sequence = await withTimeLimit(identity.lease(), lifeMs);
      isFailing = false;
      if (!lease.grant(request, sequence)) onLost();
    } catch (error) {
      if (!isFailing) onFailure(error);
      isFailing = true;
    } finally {
      underWay -= 1;
    }
  }

  const timer = setInterval(() => void renew(), lifeMs / 3).unref();
  return { renew, close: () => clearInterval(timer) };
}
