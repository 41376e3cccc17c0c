import { isIP } from 'node:net';
import type { Listener } from '../../server/listener/listener.js';
import type { PooledServer } from '../../server/pooled-server.js';

const nowhere: readonly string[] = [];

interface Known {
  /** What it listened with then: it may have been closed without a word. */
  readonly listener: Listener | undefined;
  readonly addresses: readonly string[];
}

/**
 * The servers on port 0 by where they really listen, which is asked of the system with the next look-up: most
 * are never looked up so, and of thousands it takes as long as a good part of their start.
 */
export class RealAddresses {
  private readonly servers = new Map<string, PooledServer>();
  private readonly known = new Map<PooledServer, Known>();
  private readonly unasked = new Set<PooledServer>();

  /** It may listen elsewhere, or no more. */
  update(server: PooledServer): void {
    const known = this.known.get(server);
    if (known !== undefined && known.listener === server.listener) return;
    this.remove(server);
    if (server.listener !== undefined) this.unasked.add(server);
  }

  remove(server: PooledServer): void {
    this.unasked.delete(server);
    for (const address of this.known.get(server)?.addresses ?? nowhere) {
      if (this.servers.get(address) === server) this.servers.delete(address);
    }
    this.known.delete(server);
  }

  /** The one that listens there now. */
  at(canonical: string): PooledServer | undefined {
    this.ask();
    const server = this.servers.get(canonical);
    return server && server.listener === this.known.get(server)?.listener ? server : undefined;
  }

  private ask(): void {
    for (const server of this.unasked) {
      const addresses = realAddressesOf(server);
      this.known.set(server, { listener: server.listener, addresses });
      for (const address of addresses) this.servers.set(address, server);
    }
    this.unasked.clear();
  }
}

/**
 * Where a server on port 0 really listens: its host as it was given, and as the system has it, for
 * `localhost` is bound as `127.0.0.1`, say.
 */
function realAddressesOf({ settings, listener }: PooledServer): readonly string[] {
  if (!settings.bind.ephemeral || listener === undefined) return nowhere;
  const { bind, address } = listener;
  if (bind.host === undefined || isIP(bind.host) !== 0 || !address || !('port' in address)) {
    return [bind.canonical];
  }
  return [bind.canonical, bind.withHost(address.host).canonical];
}
