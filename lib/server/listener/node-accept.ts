import type { Server } from 'node:net';

/*
 * What is used of a listening server of Node's beyond its documented surface, read from `net.js` and
 * `internal/cluster/child.js` of Node 20.20, 22.23, 24.21 and 26.10; a test beside this file fails by
 * name where it is gone.
 */

interface ListeningHandle {
  /** Called by Node for each connection, and by its cluster for those that the primary accepted. */
  onconnection?(status: number, connection: object): void;
}

/**
 * Has a server accept a connection that came by another way than its socket: it is counted, limited by
 * `maxConnections` and told of as any other. On a Node that has no such way nothing happens.
 */
export function acceptHandle(server: Server, connection: object): void {
  const { _handle: handle } = server as { _handle?: ListeningHandle | null };
  handle?.onconnection?.(0, connection);
}
