import type { PooledServer } from '../../server/pooled-server.js';

/** The servers that are no longer in a pool, and not stopped yet. */
export class LeavingServers {
  /** How many stops of each are under way. */
  private readonly stops = new Map<PooledServer, number>();

  /** @param onLeft Told when the last stop of a server is over */
  constructor(private readonly onLeft: (server: PooledServer) => void) {}

  has(server: PooledServer): boolean {
    return this.stops.has(server);
  }

  /** A server leaves for as long as this stop of it goes on. */
  async during<T>(server: PooledServer, stop: Promise<T>): Promise<T> {
    this.stops.set(server, (this.stops.get(server) ?? 0) + 1);
    try {
      return await stop;
    } finally {
      this.stopped(server);
    }
  }

  /** Those that leave while the work goes on get no more time than the servers of the pool. */
  async hurrying<T>(
    { signal, timeoutMs }: { signal?: AbortSignal; timeoutMs?: number },
    work: () => Promise<T>,
  ): Promise<T> {
    const hurry = (): void => this.hurry(0);
    if (timeoutMs !== undefined) this.hurry(timeoutMs);
    if (signal?.aborted) hurry();
    signal?.addEventListener('abort', hurry, { once: true });
    try {
      return await work();
    } finally {
      signal?.removeEventListener('abort', hurry);
    }
  }

  /** Gives them no more time than this for what is left of their drain. */
  private hurry(graceMs: number): void {
    for (const server of this.stops.keys()) server.hurry(graceMs);
  }

  private stopped(server: PooledServer): void {
    const more = (this.stops.get(server) ?? 1) - 1;
    if (more > 0) return void this.stops.set(server, more);
    this.stops.delete(server);
    this.onLeft(server);
  }
}
