import { isIP } from 'node:net';

/** How often something may be tried, and how long whoever tries more often has to wait. Times are milliseconds. */
export interface ThrottleRule {
  /** Tries before the first wait. */
  readonly free: number;
  /** The first wait; each further one is twice as long. */
  readonly firstWait: number;
  readonly longestWait: number;
  /** After this long without a try all is forgotten. */
  readonly forgetAfter: number;
}

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** Tries to prove who one is, for one account, or for one browser that has proved it before. */
export const proofs: ThrottleRule = {
  free: 5,
  firstWait: SECOND,
  longestWait: 15 * MINUTE,
  forgetAfter: HOUR,
};

/** The same from one network, in which many people may be. */
export const proofsOfNetwork: ThrottleRule = {
  free: 50,
  firstWait: SECOND,
  longestWait: 15 * MINUTE,
  forgetAfter: HOUR,
};

/** Keys that one network shows at the sign-in and that open nothing. */
export const keysOfNetwork: ThrottleRule = { ...proofsOfNetwork };

/** New accounts from one network. */
export const signUps: ThrottleRule = {
  free: 20,
  firstWait: 10 * SECOND,
  longestWait: HOUR,
  forgetAfter: HOUR,
};

/** Mails that somebody has sent to one address; it counts whether there is an account or not. */
export const mailsToAddress: ThrottleRule = {
  free: 3,
  firstWait: MINUTE,
  longestWait: HOUR,
  forgetAfter: 2 * HOUR,
};

/** Mails that one network has sent to whomever. */
export const mailsOfNetwork: ThrottleRule = { ...signUps };

/** How long to wait after try number `count`. */
export function waitAfter(count: number, { free, firstWait, longestWait }: ThrottleRule): number {
  if (count < free) return 0;
  return Math.min(longestWait, firstWait * 2 ** Math.min(count - free, 30));
}

/** What counts as one network: an IPv4 address, or the first 64 bits of an IPv6 one, which one customer has. */
export function networkOf(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address);
  if (mapped?.[1] !== undefined) return mapped[1];
  if (isIP(address) !== 6) return address;
  const [plain = ''] = address.split('%');
  const [head = '', tail] = plain.split('::');
  const groups = head === '' ? [] : head.split(':');
  const behind = tail === undefined || tail === '' ? 0 : tail.split(':').length;
  const missing = tail === undefined ? 0 : Math.max(0, 8 - groups.length - behind);
  const all = [
    ...groups,
    ...Array.from({ length: missing }, () => '0'),
    ...(tail ?? '').split(':'),
  ];
  return all
    .slice(0, 4)
    .map((group) => Number.parseInt(group || '0', 16).toString(16))
    .join(':');
}
