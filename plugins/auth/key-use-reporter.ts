import type { FastifyRequest } from 'fastify';
import type { Caller } from '#contract/caller.ts';
import type { Clock } from '#contract/clock.ts';
import type { Identity } from '#contract/identity.ts';
import { type KeyUse, MAX_KEY_USES } from '#contract/key-use.ts';
import { networkOf } from '#contract/network.ts';
import { userAgentFamily } from './user-agent-family.ts';

const DAY_MS = 86_400_000;
/** Keys between two reports; the uses of more are not counted. */
const MAX_KEYS = 10_000;
/** Reports that wait for one that is under way; more are given up. */
const MAX_WAITING = 2;

export interface KeyUseReporterOptions {
  /** How often identity is told. */
  readonly useReportSeconds: number;
}

export interface KeyUseReporterParts {
  readonly identity: Pick<Identity, 'reportUse'>;
  readonly clock: Clock;
  /** Told of each report that did not arrive. It is not sent again: it may have been counted. */
  readonly onFailure: (error: unknown) => void;
}

type Use = { -readonly [Name in keyof KeyUse]: KeyUse[Name] };

/**
 * Counts how keys are used, and tells identity every few seconds. Nobody who uses a key waits for it: a use of a key
 * that was used since the last report is one look-up and one addition.
 *
 * Reports can be lost, with the gateway or on their way, and never count twice.
 */
export class KeyUseReporter {
  readonly #parts: KeyUseReporterParts;
  readonly #timer: NodeJS.Timeout;
  #uses = new Map<string, Use>();
  /** The uses of a report are all of one day. */
  #dayEndsAt: number;
  #sending: Promise<void> = Promise.resolve();
  #waiting = 0;

  constructor(parts: KeyUseReporterParts, options: KeyUseReporterOptions) {
    this.#parts = parts;
    this.#dayEndsAt = endOfDay(parts.clock.now());
    this.#timer = setInterval(() => void this.flush(), options.useReportSeconds * 1_000).unref();
  }

  /** Counts a use of the caller's key; with any other credential there is none. */
  note({ kind, credentialId }: Caller, request: FastifyRequest): void {
    if (kind !== 'key' || credentialId === null) return;
    const now = this.#parts.clock.now();
    if (now >= this.#dayEndsAt) {
      void this.flush();
      this.#dayEndsAt = endOfDay(now);
    }
    const use = this.#uses.get(credentialId);
    if (use !== undefined) use.count += 1;
    else if (this.#uses.size < MAX_KEYS) this.#begin(credentialId, now, request);
  }

  /** Tells identity what was counted. It settles, and never rejects, when all that is under way has ended. */
  flush(): Promise<void> {
    if (this.#uses.size === 0) return this.#sending;
    const uses = [...this.#uses.values()];
    this.#uses = new Map();
    if (this.#waiting >= MAX_WAITING) {
      this.#parts.onFailure(new Error('reports come faster than they are taken'));
      return this.#sending;
    }
    this.#waiting += 1;
    this.#sending = this.#sending
      .then(() => this.#send(uses))
      .catch(this.#parts.onFailure)
      .finally(() => {
        this.#waiting -= 1;
      });
    return this.#sending;
  }

  /** Tells what is left. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.flush();
  }

  #begin(keyId: string, at: number, request: FastifyRequest): void {
    const network = networkOf(request.ip, { ipv4: 24, ipv6: 48 });
    const userAgent = userAgentFamily(request.headers['user-agent']);
    this.#uses.set(keyId, { keyId, count: 1, at, network, userAgent });
  }

  async #send(uses: readonly KeyUse[]): Promise<void> {
    for (let first = 0; first < uses.length; first += MAX_KEY_USES) {
      await this.#parts.identity.reportUse(uses.slice(first, first + MAX_KEY_USES));
    }
  }
}

/** In UTC. */
function endOfDay(time: number): number {
  return (Math.floor(time / DAY_MS) + 1) * DAY_MS;
}
