import { isIP } from 'node:net';

/** How much of an address is kept. */
export interface NetworkBits {
  readonly ipv4: 24 | 32;
  readonly ipv6: 48 | 64;
}

/**
 * The network that an address is in, in CIDR notation: `192.0.2.0/24`, `2001:db8:1::/48`. An IPv4 address in IPv6
 * clothes is an IPv4 address. Null for what is no address.
 */
export function networkOf(address: string | undefined, { ipv4, ipv6 }: NetworkBits): string | null {
  if (address === undefined) return null;
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1] ?? address;
  const family = isIP(mapped);
  if (family === 0) return null;
  if (family === 4) {
    return ipv4 === 32 ? `${mapped}/32` : `${mapped.slice(0, mapped.lastIndexOf('.'))}.0/24`;
  }
  const groups = groupsOf(mapped).slice(0, ipv6 / 16);
  while (groups.at(-1) === '0') groups.pop();
  return `${groups.join(':')}::/${ipv6}`;
}

/** The groups of an IPv6 address, without the zeros that they begin with, up to one that holds an IPv4 address. */
function groupsOf(address: string): string[] {
  const [text = ''] = address.split('%');
  const [head = '', tail] = text.toLowerCase().split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const written = left.length + right.length + (text.includes('.') ? 1 : 0);
  const zeros = tail === undefined ? [] : new Array<string>(8 - written).fill('0');
  return [...left, ...zeros, ...right].map((group) => group.replace(/^0+(?=.)/, ''));
}
