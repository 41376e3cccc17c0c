import { BlockList, isIP } from 'node:net';

const lists = new WeakMap<readonly string[], BlockList>();

/** Whether a peer is among the addresses and networks; a unix socket's is this machine. */
export function isTrusted(trusted: readonly string[], peer: string | undefined): boolean {
  const list = listOf(trusted);
  if (peer === undefined) return list.check('127.0.0.1') || list.check('::1', 'ipv6');
  // As Node gives the peer of a dual-stack listener.
  const bare = peer.replace(/^::ffff:(?=[\d.]+$)/i, '').replace(/%.*$/, '');
  const version = isIP(bare);
  return version !== 0 && list.check(bare, version === 4 ? 'ipv4' : 'ipv6');
}

function listOf(trusted: readonly string[]): BlockList {
  const known = lists.get(trusted);
  if (known) return known;
  const list = new BlockList();
  for (const entry of trusted) add(list, entry);
  lists.set(trusted, list);
  return list;
}

function add(list: BlockList, entry: string): void {
  const [address = '', prefix] = entry.split('/');
  const type = isIP(address) === 4 ? 'ipv4' : 'ipv6';
  if (prefix === undefined) list.addAddress(address, type);
  else list.addSubnet(address, Number(prefix), type);
}
