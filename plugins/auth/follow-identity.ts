import type { Clock } from '#contract/clock.ts';
import { type Identity, readSequence } from '#contract/identity.ts';
import { keepLease } from './keep-lease.ts';
import { Lease } from './lease.ts';

export interface FollowedIdentity {
  readonly lease: Lease;
  /** Settles when it is known whether identity grants a lease. */
  readonly ready: () => Promise<void>;
  /**
   * A change was answered with this `castellan-sequence`. It settles when we have been told of it, or have waited
   * for that as long as a lease lasts; in any case nothing from before the change is believed from now on.
   */
  hearOf(sequence: unknown): Promise<void>;
  close(): void;
}

export interface FollowedParts {
  readonly identity: Identity;
  readonly clock: Clock;
  readonly onFailure: (error: unknown) => void;
  /** Identity reads another store than before: whatever was learnt from it is to be forgotten. */
  readonly onLost: () => void;
}

/** Keeps the lease with an identity, whichever way it is reached. */
export function followIdentity(
  { identity, clock, onFailure, onLost }: FollowedParts,
  leaseSeconds: number,
): FollowedIdentity {
  const lease = new Lease(leaseSeconds, () => identity.toldSequence);
  const keeper = keepLease({ identity, lease, clock, onFailure, onLost }, leaseSeconds);
  const unsubscribe = identity.subscribe(
    () => undefined,
    () => {
      lease.reset();
      void keeper.renew();
    },
  );
  return {
    lease,
    ready: () => keeper.renew(),
    async hearOf(header) {
      const sequence = readSequence(header);
      if (sequence === null || sequence <= identity.toldSequence) return;
      lease.require(sequence, clock.monotonic());
      await identity.toldUpTo(sequence, leaseSeconds * 1_000);
    },
    close() {
      unsubscribe();
      keeper.close();
    },
  };
}
