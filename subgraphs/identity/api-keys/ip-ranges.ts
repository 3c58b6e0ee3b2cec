import { isIP } from 'node:net';
import { invalidArgument } from './invalid-argument.ts';

const MAX_RANGES = 50;
const BITS = { 4: 32, 6: 128 } as const;

interface Range {
  readonly family: 4 | 6;
  readonly network: bigint;
  readonly prefix: number;
}

/**
 * Networks in CIDR notation (RFC 4632, RFC 4291 §2.3) in one form each: no bits of a host, IPv6 as RFC 5952 has
 * it, an IPv4 network in IPv6 clothes as IPv4, an address alone as a network of one.
 * @throws CodedError BAD_USER_INPUT naming `ipRanges`
 */
export function readIpRanges(texts: readonly string[]): readonly string[] {
  if (texts.length === 0) {
    throw invalidArgument('ipRanges', 'Leave "ipRanges" out for a key that works from anywhere');
  }
  if (texts.length > MAX_RANGES) {
    throw invalidArgument('ipRanges', `A key is bound to at most ${MAX_RANGES} networks`);
  }
  return [...new Set(texts.map((text) => format(readInput(text))))].sort();
}

/** What two lists of networks have in common; of the form that `readIpRanges` makes. */
export function commonRanges(one: readonly string[], other: readonly string[]): readonly string[] {
  const common = new Set<string>();
  for (const a of one) {
    for (const b of other) {
      if (contains(parse(a), parse(b))) common.add(b);
      else if (contains(parse(b), parse(a))) common.add(a);
    }
  }
  return [...common].sort();
}

/** Whether each network lies in one of the others. */
export function areRangesWithin(ranges: readonly string[], others: readonly string[]): boolean {
  return ranges.every((range) => others.some((other) => contains(parse(other), parse(range))));
}

function readInput(text: string): Range {
  const range = text.length > 64 ? null : tryParse(text);
  if (range === null) {
    throw invalidArgument(
      'ipRanges',
      'A network is written like "203.0.113.0/24" or "2001:db8::/32"',
    );
  }
  if (range.family === 6 && contains(range, { family: 6, network: MAPPED, prefix: 96 })) {
    throw invalidArgument(
      'ipRanges',
      'This IPv6 network holds all IPv4 addresses too; the internet’s own are "2000::/3"',
    );
  }
  return range;
}

function parse(text: string): Range {
  const range = tryParse(text);
  if (range === null) throw new TypeError(`not a network: ${text}`);
  return range;
}

/** The IPv4 addresses among the IPv6 ones: `::ffff:0:0/96`. */
const MAPPED = 0xffffn << 32n;

function tryParse(text: string): Range | null {
  const [address = '', bits, ...more] = text.split('/');
  const family = isIP(address);
  if ((family !== 4 && family !== 6) || address.includes('%') || more.length > 0) return null;
  const most = BITS[family];
  if (bits !== undefined && !/^(?:0|[1-9]\d{0,2})$/.test(bits)) return null;
  const prefix = bits === undefined ? most : Number(bits);
  if (prefix > most) return null;
  const value = family === 4 ? valueOf4(address) : valueOf6(address);
  if (family === 6 && prefix >= 96 && value >> 32n === 0xffffn) {
    return masked(4, value & 0xffffffffn, prefix - 96);
  }
  return masked(family, value, prefix);
}

function masked(family: 4 | 6, value: bigint, prefix: number): Range {
  const host = BigInt(BITS[family] - prefix);
  return { family, network: (value >> host) << host, prefix };
}

function contains(outer: Range, inner: Range): boolean {
  if (outer.family !== inner.family || outer.prefix > inner.prefix) return false;
  const host = BigInt(BITS[outer.family] - outer.prefix);
  return outer.network >> host === inner.network >> host;
}

function valueOf4(address: string): bigint {
  return address.split('.').reduce((value, part) => (value << 8n) | BigInt(part), 0n);
}

function valueOf6(address: string): bigint {
  const [head = '', tail] = canonical6(address).split('::');
  const first = head === '' ? [] : head.split(':');
  const last = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = Array.from({ length: 8 - first.length - last.length }, () => '0');
  return [...first, ...zeros, ...last].reduce(
    (value, part) => (value << 16n) | BigInt(`0x${part}`),
    0n,
  );
}

/** The URL standard writes an IPv6 address as RFC 5952 does, without dots. */
function canonical6(address: string): string {
  return new URL(`http://[${address}]/`).hostname.slice(1, -1);
}

function format({ family, network, prefix }: Range): string {
  const width = BITS[family] / (family === 4 ? 8 : 16);
  const size = family === 4 ? 8n : 16n;
  const parts = Array.from({ length: width }, (_, index) => {
    const part = (network >> (size * BigInt(width - 1 - index))) & ((1n << size) - 1n);
    return part.toString(family === 4 ? 10 : 16);
  });
  const address = family === 4 ? parts.join('.') : canonical6(parts.join(':'));
  return `${address}/${prefix}`;
}
