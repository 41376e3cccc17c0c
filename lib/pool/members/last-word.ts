import type { PooledServer } from '../../server/pooled-server.js';
import type { ServerIndex } from './server-index.js';

/**
 * Calls on a server wait in line, and group operations have a call for some servers later than for others. So
 * what a server is at the moment of a call says little: what it was asked for last says what is wanted.
 */
type Asked = 'startsAsked' | 'stopsAsked';

/** Tells of servers whether they were asked for this since; one that has come since was not. */
export function askedSince(
  what: Asked,
  servers: readonly PooledServer[],
): (server: PooledServer) => boolean {
  const before = new Map(servers.map((server) => [server, server[what]]));
  return (server) => (before.get(server) ?? server[what]) !== server[what];
}

/** It is down, or may be when it has done what it was asked for before. */
export function mayBeDown(server: PooledServer): boolean {
  return !server.isRunning() || server.isBusy || server.awaitsStop;
}

/** It runs or starts, and was asked for no stop since. */
export function isWantedUp(server: PooledServer): boolean {
  return server.isStarting || (server.isRunning() && !server.awaitsStop);
}

/** The server that was put in the place of another, and how often it had been asked for a stop by then. */
export interface Successor {
  readonly server: PooledServer;
  readonly stopsAsked: number;
}

interface Places {
  readonly displaced: WeakMap<PooledServer, Successor | undefined>;
  readonly index: ServerIndex;
}

/**
 * Those that a call made before has put in the place of these meanwhile: what these were asked for is
 * for them, unless they were asked for a stop since.
 */
export function successorsOf(
  servers: readonly PooledServer[],
  places: Places,
): ReadonlySet<PooledServer> {
  const gone = servers.filter((server) => places.displaced.has(server));
  return new Set(gone.flatMap((server) => successorOf(server, places) ?? []));
}

function successorOf(gone: PooledServer, { displaced, index }: Places): PooledServer | undefined {
  let last: Successor | undefined;
  for (let at: PooledServer | undefined = gone; at && displaced.has(at); at = last?.server) {
    last = displaced.get(at);
  }
  if (last === undefined) return index.holder(gone.settings);
  return last.server.stopsAsked === last.stopsAsked ? last.server : undefined;
}
