import { authorityOf } from '../../config/address/authority.js';
import type { BindAddress } from '../../config/address/bind-address.js';
import type { BoundAddress } from '../../config/address/bound-address.js';
import { ANY_HOST, isWildcard, loopbackOf } from '../../config/address/wildcard-host.js';

/** What a client on this machine can fetch; undefined for an address that no URL can name. */
export function localUrl(address: BoundAddress | undefined, secure: boolean): string | undefined {
  if (address === undefined || !('port' in address)) return undefined;
  const host = loopbackOf(address.host);
  return `${secure ? 'https' : 'http'}://${authorityOf(host, address.port)}`;
}

/** The public address where the config names none: from the bind address, and the real port. */
export function defaultExpose(
  bind: BindAddress,
  address: BoundAddress | undefined,
  secure: boolean,
): string {
  if (bind.kind !== 'tcp') return bind.canonical;
  const isReal = bind.ephemeral && address !== undefined && 'port' in address;
  const port = isReal ? address.port : (bind.port ?? 0);
  const host = bind.host ?? ANY_HOST;
  return `${secure ? 'https' : 'http'}://${authorityOf(isWildcard(host) ? 'localhost' : host, port)}`;
}

/** A URL without the slash that stands for an empty path, as people write it. */
export function withoutRootPath(url: string): string {
  const { pathname, search, hash } = new URL(url);
  return pathname === '/' && !search && !hash ? url.replace(/\/$/, '') : url;
}
