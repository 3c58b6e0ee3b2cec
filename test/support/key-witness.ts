interface Known {
  /** Somebody began to revoke it: from then on it may be refused. */
  mayBeRefused: boolean;
  /** When its revocation was acknowledged. */
  revokedAt: number | null;
  /** The gateways that have refused it, and when that was answered first. */
  readonly refusedAt: Map<string, number>;
}

/**
 * Asks gateways about keys, and throws for each answer that may not be, whatever is broken meanwhile:
 *
 * - a revoked key is accepted by no request that was sent later than the bound after the acknowledgement,
 * - nor by a gateway that has refused it before,
 * - a good key is answered with 200 or 503, and never refused.
 */
export class KeyWitness {
  readonly #boundMs: number;
  readonly #known = new Map<string, Known>();
  readonly #waiting = new Set<() => void>();
  /** What has happened so far, to be read when something is wrong. */
  readonly story: string[] = [];
  /** How many answers were looked at, by status. */
  readonly seen = new Map<number, number>();
  #count = 0;

  constructor(boundMs: number) {
    this.#boundMs = boundMs;
  }

  /** The creation of this key was acknowledged. */
  made(key: string): void {
    this.#known.set(key, { mayBeRefused: false, revokedAt: null, refusedAt: new Map() });
  }

  /** Has a key revoked; it is when `revoke` settles, and may or may not be when that fails. */
  async revoked(key: string, revoke: () => Promise<unknown>): Promise<void> {
    const known = this.#of(key);
    known.mayBeRefused = true;
    await revoke();
    known.revokedAt = performance.now();
  }

  /** Resolves when so many more answers were looked at. */
  answers(count: number): Promise<void> {
    const until = this.#count + count;
    return new Promise((resolve) => {
      const look = (): void => {
        if (this.#count < until) return;
        this.#waiting.delete(look);
        resolve();
      };
      this.#waiting.add(look);
      look();
    });
  }

  /** The status of an answer to this key. @throws Error when it may not be */
  async ask(url: string, key: string): Promise<number> {
    const known = this.#known.get(key);
    const sentAt = performance.now();
    const response = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
      // Answered without a subgraph: its status is that of the caller.
      body: '{"query":"{ __typename }"}',
    });
    await response.arrayBuffer();
    const { status } = response;
    this.seen.set(status, (this.seen.get(status) ?? 0) + 1);
    if (known !== undefined) this.#look(known, url, status, sentAt);
    this.#count += 1;
    for (const look of this.#waiting) look();
    return status;
  }

  #look(known: Known, url: string, status: number, sentAt: number): void {
    if (status === 401) {
      if (!known.mayBeRefused) this.#fail('a good key was refused');
      if (!known.refusedAt.has(url)) known.refusedAt.set(url, performance.now());
      return;
    }
    if (status !== 200) {
      if (status !== 503) this.#fail(`a key was answered with ${status}`);
      return;
    }
    const late = known.revokedAt === null ? 0 : sentAt - known.revokedAt - this.#boundMs;
    if (late > 0) this.#fail(`a revoked key was accepted ${late} ms beyond the bound`);
    if (sentAt > (known.refusedAt.get(url) ?? Number.POSITIVE_INFINITY)) {
      this.#fail('a key was accepted after it had been refused');
    }
  }

  #fail(message: string): never {
    throw new Error([message, ...this.story.slice(-20)].join('\n'));
  }

  #of(key: string): Known {
    const known = this.#known.get(key);
    if (known === undefined) throw new Error('nobody made this key');
    return known;
  }
}
