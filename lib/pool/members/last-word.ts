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

/**
 * Those that a call made before has put in the place of these meanwhile: what these were asked for is
 * for them.
 */
export function successorsOf(
  servers: readonly PooledServer[],
  { displaced, index }: { displaced: WeakSet<PooledServer>; index: ServerIndex },
): ReadonlySet<PooledServer | undefined> {
  const gone = servers.filter((server) => displaced.has(server));
  return new Set(gone.map(({ settings }) => index.holder(settings)));
}
