import type { BindAddress } from '../../config/address/bind-address.js';
import { ANY_HOST } from '../../config/address/wildcard-host.js';
import { BoundServer } from './bound-server.js';
import { openDescriptorOf } from './inherited-descriptor.js';
import { workerHost, type WorkerHost } from './worker-host.js';

/**
 * Listens on an address; resolves when it does.
 *
 * @param name Of the server, by which a worker finds the port that the system chose for it
 */
export async function listen(bind: BindAddress, name: string | undefined): Promise<BoundServer> {
  const server = new BoundServer();
  if (bind.kind === 'unix') await server.beginOnPath(bind.path!);
  else if (bind.kind === 'fd') await server.beginOnDescriptor(openDescriptorOf(bind));
  else {
    const host = workerHost();
    const shared = host && (await reservePort(host, bind, name));
    await server.begin(shared ?? portOf(bind));
  }
  return server;
}

/** A TCP address, as `listen()` takes it. */
function portOf(bind: BindAddress): { host: string | undefined; port: number | undefined } {
  return { host: hostOf(bind), port: bind.port };
}

/** A port that the system chose for this server in another process. */
async function reservePort(
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
