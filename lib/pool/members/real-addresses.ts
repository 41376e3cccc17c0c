import { isIP } from 'node:net';
import type { Listener } from '../../server/listener/listener.js';
import type { PooledServer } from '../../server/pooled-server.js';

const nowhere: readonly string[] = [];

interface Place {
  readonly server: PooledServer;
  /** What it listened with when it was asked for: it may have been closed without a word. */
  readonly listener: Listener | undefined;
  readonly addresses: readonly string[];
}

/**
 * The servers on port 0 by where they really listen, which is asked of the system with the next look-up: most
 * are never looked up so, and of thousands it takes as long as a good part of their start.
 */
export class RealAddresses {
  private readonly places = new Map<string, Place>();
  private readonly known = new Map<PooledServer, Place>();
  private readonly unasked = new Set<PooledServer>();

  /** It may listen elsewhere, or no more. */
  update(server: PooledServer): void {
    const known = this.known.get(server);
    if (known !== undefined && known.listener === server.listener) return;
    if (known !== undefined) this.remove(server);
    if (server.listener === undefined) this.unasked.delete(server);
    else this.unasked.add(server);
  }

  remove(server: PooledServer): void {
    this.unasked.delete(server);
    for (const address of this.known.get(server)?.addresses ?? nowhere) {
      if (this.places.get(address)?.server === server) this.places.delete(address);
    }
    this.known.delete(server);
  }

  /** The one that listens there now. */
  at(canonical: string): PooledServer | undefined {
    if (this.unasked.size > 0) this.ask();
    const place = this.places.get(canonical);
    return place && place.listener === place.server.listener ? place.server : undefined;
  }

  private ask(): void {
    for (const server of this.unasked) {
      const place = { server, listener: server.listener, addresses: realAddressesOf(server) };
      this.known.set(server, place);
      for (const address of place.addresses) this.places.set(address, place);
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
