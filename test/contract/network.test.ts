import { BlockList, isIPv6 } from 'node:net';
import fc from 'fast-check';
import t from 'tap';
import { networkOf } from '#contract/network.ts';

const short = { ipv4: 24, ipv6: 48 } as const;
const long = { ipv4: 32, ipv6: 64 } as const;

t.test('an address is cut to its network', async (t) => {
  const table: [string | undefined, string | null, string | null][] = [
    ['192.0.2.77', '192.0.2.0/24', '192.0.2.77/32'],
    ['::ffff:192.0.2.77', '192.0.2.0/24', '192.0.2.77/32'],
    ['::FFFF:192.0.2.77', '192.0.2.0/24', '192.0.2.77/32'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1::/48', '2001:db8:1:2::/64'],
    ['2001:0DB8:0001::1', '2001:db8:1::/48', '2001:db8:1::/64'],
    ['2001:db8::', '2001:db8::/48', '2001:db8::/64'],
    ['2001:0:0:1::', '2001::/48', '2001:0:0:1::/64'],
    ['::1', '::/48', '::/64'],
    ['fe80::1%eth0', 'fe80::/48', 'fe80::/64'],
    ['64:ff9b::192.0.2.33', '64:ff9b::/48', '64:ff9b::/64'],
    ['1:2:3:4:5:6:192.0.2.33', '1:2:3::/48', '1:2:3:4::/64'],
    ['nowhere', null, null],
    ['', null, null],
    [undefined, null, null],
  ];
  for (const [address, one, other] of table) {
    t.equal(networkOf(address, short), one, String(address));
    t.equal(networkOf(address, long), other, String(address));
  }
});

t.test('every address is in its network, which has one name', async () => {
  fc.assert(
    fc.property(fc.ipV6(), (address) => {
      const network = networkOf(address, short) ?? '';
      const [base = '', bits] = network.split('/');
      if (network.endsWith('/24')) return true;
      const list = new BlockList();
      list.addSubnet(base, 48, 'ipv6');
      return (
        bits === '48' &&
        isIPv6(base) &&
        list.check(address, 'ipv6') &&
        networkOf(base, short) === network
      );
    }),
  );
});
