import { BlockList, isIP } from 'node:net';
import { Problem } from '../core/problem.ts';

/**
 * Checks networks as they came: addresses or CIDR blocks (RFC 4632, RFC 4291).
 * @throws Problem `invalid_request` naming the one that is none.
 */
export function parseNetworks(networks: readonly string[]): string[] {
  const clean = networks.map((network) => network.trim());
  for (const network of clean) addTo(new BlockList(), network);
  return clean;
}

/** Whether an address is in one of the networks, or there are none. An IPv4 address in an IPv6 one counts as itself. */
export function inNetworks(address: string, networks: readonly string[]): boolean {
  if (networks.length === 0) return true;
  const list = new BlockList();
  for (const network of networks) addTo(list, network);
  const plain = address.replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i, '');
  const version = isIP(plain);
  return version !== 0 && list.check(plain, version === 4 ? 'ipv4' : 'ipv6');
}

function addTo(list: BlockList, network: string): void {
  const [address = '', bits, ...more] = network.split('/');
  const version = isIP(address);
  const most = version === 4 ? 32 : 128;
  const prefix = bits === undefined ? most : /^\d{1,3}$/.test(bits) ? Number(bits) : Number.NaN;
  if (version === 0 || more.length > 0 || !(prefix <= most)) {
    throw new Problem(
      'invalid_request',
      `"${network}" is no network. Write an address, or one with a length: 10.0.0.0/8.`,
    );
  }
  list.addSubnet(address, prefix, version === 4 ? 'ipv4' : 'ipv6');
}
