import type { PooledServer } from '../../server/pooled-server.js';

/**
 * The servers that are in a pool and may yet be taken back: the call that brought them starts them, and takes
 * them out again where that fails. Another call that wants one in the pool has it from then on.
 */
export class Arrivals {
  private readonly servers = new Set<PooledServer>();

  has(server: PooledServer): boolean {
    return this.servers.has(server);
  }

  begin(server: PooledServer): void {
    this.servers.add(server);
  }

  /** It stays, whatever becomes of its start. False: it need not be taken back, or must not. */
  end(server: PooledServer): boolean {
    return this.servers.delete(server);
  }
}
