/** What a gateway saw of one key since it last told: how often it was used, and one of the uses. */
export interface KeyUse {
  readonly keyId: string;
  readonly count: number;
  /** When that use was, in milliseconds since the epoch. All that are counted were on its day, in UTC. */
  readonly at: number;
  /** The network that it came from, `192.0.2.0/24` or `2001:db8:1::/48`; null when that is not known. */
  readonly network: string | null;
  /** What kind of program it was, `curl`; null when that is not known. */
  readonly userAgent: string | null;
}

/** How many may be told at once. */
export const MAX_KEY_USES = 1_000;
/** How often a key can be used between two reports; more is not believed. */
const MAX_COUNT = 100_000_000;

/** What was told, as JSON; null when it is not all of that shape. */
export function decodeKeyUses(value: unknown): readonly KeyUse[] | null {
  if (!Array.isArray(value) || value.length > MAX_KEY_USES) return null;
  return value.every(isKeyUse) ? value : null;
}

function isKeyUse(value: unknown): value is KeyUse {
  if (typeof value !== 'object' || value === null) return false;
  const { keyId, count, at, network, userAgent } = value as {
    readonly [Name in keyof KeyUse]?: unknown;
  };
  return (
    typeof keyId === 'string' &&
    /^[0-9A-Za-z_]{1,64}$/.test(keyId) &&
    isWithin(count, 1, MAX_COUNT) &&
    isWithin(at, 1, Number.MAX_SAFE_INTEGER) &&
    isNullOr(network, /^(?:\d{1,3}\.\d{1,3}\.\d{1,3}\.0\/24|[0-9a-f:]{1,20}::\/48|::\/48)$/) &&
    isNullOr(userAgent, /^[A-Za-z0-9 .()-]{1,40}$/)
  );
}

function isWithin(value: unknown, least: number, most: number): boolean {
  return Number.isSafeInteger(value) && Number(value) >= least && Number(value) <= most;
}

function isNullOr(value: unknown, pattern: RegExp): boolean {
  return value === null || (typeof value === 'string' && pattern.test(value));
}
