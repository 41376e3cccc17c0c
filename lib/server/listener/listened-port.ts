import type { BindAddress } from '../../config/address/bind-address.js';
import { ANY_HOST } from '../../config/address/wildcard-host.js';
import type { WorkerHost } from './worker-host.js';

/** A TCP address, as `listen()` takes it. */
export function portOf(bind: BindAddress): { host: string | undefined; port: number | undefined } {
  return { host: hostOf(bind), port: bind.port };
}

/** A port that the system chose for this server in another process. */
export async function reservePort(
  host: WorkerHost,
  bind: BindAddress,
  name: string | undefined,
): Promise<object | undefined> {
  if (!bind.ephemeral || name === undefined) return undefined;
  return host.reserve({ server: name, host: hostOf(bind) });
}

/** Without a host Node takes both families where there is IPv6, and IPv4 where there is none. */
function hostOf({ host }: BindAddress): string | undefined {
  return host === ANY_HOST ? undefined : host;
}
