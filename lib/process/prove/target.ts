import { lookup } from 'node:dns/promises';
import { portOf } from '../../config/address/authority.js';

/** A URL under load, with the one address that is connected to. */
export interface Target {
  readonly url: URL;
  readonly secure: boolean;
  /**
   * An IP address. A name is resolved once: the moment at which a connection begins would else be
   * that of the end of a look-up, and a name with two addresses would hide a refusal by one of them.
   */
  readonly address: string;
  readonly port: number;
  /** Path and query. */
  readonly path: string;
}

/** The targets that a URL may mean, one for each address of its host. */
export async function targetsOf(url: URL): Promise<Target[]> {
  const secure = url.protocol === 'https:';
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const port = portOf(url);
  const path = url.pathname + url.search;
  const addresses = await lookup(host, { all: true });
  return addresses.map(({ address }) => ({ url, secure, address, port, path }));
}
