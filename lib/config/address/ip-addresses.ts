import { createRequire } from 'node:module';

type IpAddresses = typeof import('ipaddr.js');

const load = createRequire(import.meta.url);

/** Reads IP addresses; loaded with the first IPv6 address or network, for most configs have none. */
export function ipAddresses(): IpAddresses {
  return load('ipaddr.js') as IpAddresses;
}
