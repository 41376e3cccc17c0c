import type { PooledServer } from '../server/pooled-server.js';
import type { ServerStats } from '../server/server-stats.js';

/** A plain snapshot of a pool. */
export interface PoolStats {
  readonly size: number;
  readonly running: number;
  readonly failed: number;
  /** Open sockets of all servers. */
  readonly connections: number;
  /** Requests that are not answered to their end. */
  readonly inFlight: number;
  /** Requests begun since the servers were started. */
  readonly requests: number;
  /** The longest uptime, in ms. */
  readonly uptime: number;
  readonly servers: readonly ServerStats[];
}

export function poolStats(all: readonly PooledServer[]): PoolStats {
  const servers = all.map((server) => server.stats());
  const sum = (of: (stats: ServerStats) => number): number =>
    servers.reduce((total, stats) => total + of(stats), 0);
  return {
    size: servers.length,
    running: sum(({ state }) => Number(state === 'running')),
    failed: sum(({ state }) => Number(state === 'failed')),
    connections: sum(({ connections }) => connections),
    inFlight: sum(({ inFlight }) => inFlight),
    requests: sum(({ requests }) => requests),
    uptime: Math.max(0, ...servers.map(({ uptime }) => uptime)),
    servers,
  };
}
