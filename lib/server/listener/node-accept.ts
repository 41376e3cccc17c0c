import type { Server } from 'node:net';
import { warnOfNode } from '../../errors/warn-once.js';

/*
 * What is used of a listening server of Node's beyond its documented surface, read from `net.js` and
 * `internal/cluster/child.js` of Node 20.20, 22.23, 24.21 and 26.12; a test beside this file fails by
 * name where it is gone.
 */

interface ListeningHandle {
  /** Called by Node for each connection, and by its cluster for those that the primary accepted. */
  onconnection?(status: number, connection: object): void;
}

/**
 * Has a server accept a connection that came by another way than its socket: it is counted, limited by
 * `maxConnections` and told of as any other. On a Node that has no such way it is not, which is said once.
 */
export function acceptHandle(server: Server, connection: object): void {
  const { _handle: handle } = server as { _handle?: ListeningHandle | null };
  if (handle?.onconnection) return handle.onconnection(0, connection);
  // One that is closed has no handle.
  if (handle === null) return;
  warnOfNode(
    'accepts connections as nestjs-http-pool does not know it: idle ones stay with the worker that leaves, and end with it',
  );
}

/**
 * Whether a server reads nothing of the connections that it accepts from now on. Node documents it as an
 * option, and reads it anew for each connection.
 */
export function pauseAccepted(server: object, isPaused: boolean): void {
  if (!('pauseOnConnect' in server)) {
    warnOfNode(
      'has no pauseOnConnect on its servers, which nestjs-http-pool sets: clients of TLS that wait in the queue of a ' +
        'listener that stops may get no handshake',
    );
  }
  (server as { pauseOnConnect?: boolean }).pauseOnConnect = isPaused;
}
