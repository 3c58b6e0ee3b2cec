import { BlockList, isIP } from 'node:net';
import type { Caller } from '#contract/caller.ts';

type Restricted = Pick<Caller, 'addresses'>;

/** What was read from a caller's ranges. A caller stays the same object while nothing changes. */
const read = new WeakMap<Restricted, BlockList>();

/**
 * Whether a caller may come from this address. Whoever is bound to networks comes from nowhere else, and an
 * address that is not known is in none of them.
 */
export function isAtAllowedAddress(caller: Restricted, address: string | undefined): boolean {
  const { addresses } = caller;
  if (addresses === undefined) return true;
  const family = address === undefined ? 0 : isIP(address);
  if (address === undefined || family === 0) return false;
  let allowed = read.get(caller);
  if (allowed === undefined) {
    allowed = listOf(addresses);
    read.set(caller, allowed);
  }
  // An IPv4 address in IPv6 clothes (`::ffff:192.0.2.1`) is found in IPv4 ranges too.
  return allowed.check(address, family === 4 ? 'ipv4' : 'ipv6');
}

function listOf(ranges: readonly string[]): BlockList {
  const list = new BlockList();
  for (const range of ranges) {
    const [network = '', bits = ''] = range.split('/');
    // What is no range lets nobody in: nothing is added for it.
    if (isIP(network) === 0 || !/^\d{1,3}$/.test(bits)) continue;
    const family = isIP(network) === 4 ? 'ipv4' : 'ipv6';
    if (Number(bits) > (family === 'ipv4' ? 32 : 128)) continue;
    list.addSubnet(network, Number(bits), family);
  }
  return list;
}
