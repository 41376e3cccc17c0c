import type { PoolStats } from '../../../pool/pool-stats.js';
import type { ServerStats } from '../../../server/server-stats.js';
import type { Said } from '../messages.js';

/** What `/servers` shows of several workers: their sum, and each. */
interface WholeStats extends PoolStats {
  readonly workers: readonly {
    readonly pid: number | undefined;
    readonly generation: number;
    readonly stats: PoolStats;
  }[];
}

export function mergeStats(parts: readonly Said<PoolStats>[]): WholeStats {
  const all = parts.map(({ said }) => said);
  const names = new Set(all.flatMap((stats) => stats.servers.map(({ name }) => name)));
  const servers = [...names].map((name) =>
    mergeServer(all.flatMap((stats) => stats.servers.filter((server) => server.name === name))),
  );
  return {
    size: servers.length,
    running: servers.filter(({ state }) => state === 'running').length,
    failed: servers.filter(({ state }) => state === 'failed').length,
    connections: sum(all, ({ connections }) => connections),
    inFlight: sum(all, ({ inFlight }) => inFlight),
    requests: sum(all, ({ requests }) => requests),
    uptime: Math.max(0, ...all.map(({ uptime }) => uptime)),
    servers,
    workers: parts.map(({ pid, generation, said }) => ({ pid, generation, stats: said })),
  };
}

/** It runs where it runs in one of them; what it met is told of one. */
function mergeServer(each: readonly ServerStats[]): ServerStats {
  const running = each.find(({ state }) => state === 'running');
  return {
    ...((running ?? each[0]) as ServerStats),
    uptime: Math.max(...each.map(({ uptime }) => uptime)),
    connections: sum(each, ({ connections }) => connections),
    inFlight: sum(each, ({ inFlight }) => inFlight),
    requests: sum(each, ({ requests }) => requests),
    error: each.find(({ error }) => error !== undefined)?.error,
  };
}

function sum<T>(all: readonly T[], of: (each: T) => number): number {
  return all.reduce((total, each) => total + of(each), 0);
}
