import { loadLater } from '../load-later.js';

type IpAddresses = typeof import('ipaddr.js');

/** Reads IP addresses; loaded with the first IPv6 address or network, for most configs have none. */
export function ipAddresses(): IpAddresses {
  return loadLater('ipaddr.js') as IpAddresses;
}
