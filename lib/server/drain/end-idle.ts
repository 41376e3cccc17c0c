import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Connection } from '../transport/connection/connection.js';
import { lingeringClose } from '../transport/connection/linger.js';
import { destroySocket } from '../transport/connection/own-methods.js';
import type { Transport } from '../transport/transport.js';
import { idleConnections } from './idle-connections.js';

/** How long idle connections are ended before what came meanwhile is read: to one of them, perhaps. */
const sliceMs = 0.5;

/**
 * Ends the HTTP/1 connections that are idle, after the bytes that wait in their sockets were read.
 *
 * @param isDue Whether one is to be ended now
 */
export async function endIdle(
  transport: Transport,
  isDue: (connection: Connection) => boolean,
): Promise<void> {
  // One turn may end before the loop polls its sockets; the second one cannot.
  await nextTurn();
  await nextTurn();
  const left = idleConnections(transport)
    .filter((connection) => !connection.isClosing && isDue(connection))
    .map((connection) => ({ connection, bytesRead: connection.socket.bytesRead }));
  while (left.length > 0) {
    await nextTurn();
    endSlice(left, transport);
  }
}

/** Ends a connection with a FIN, and lets what is on its way come to its end. */
export function endGently(connection: Connection): void {
  connection.refuseRequests();
  lingeringClose(connection.socket);
}

/** Takes off the list, and ends, as many as one slice has time for; not those that have asked meanwhile. */
function endSlice(
  left: { readonly connection: Connection; readonly bytesRead: number }[],
  transport: Transport,
): void {
  const latest = performance.now() + sliceMs;
  for (let next = left.pop(); next; next = left.pop()) {
    const { connection, bytesRead } = next;
    if (connection.socket.bytesRead !== bytesRead || connection.isClosing) continue;
    endOne(connection, transport);
    if (performance.now() > latest) return;
  }
}

/**
 * A client that waits for the answer to each request has had all that it is owed, when that is handed to
 * the system: nothing is lost by a close without a half-open state, which costs less than half. Of TLS
 * something may still be on its way in either direction, its own close among it.
 */
function endOne(connection: Connection, { secure }: Transport): void {
  const { socket, hasPipelined } = connection;
  if (secure || hasPipelined || socket.writableLength > 0) return endGently(connection);
  connection.refuseRequests();
  destroySocket(socket);
}
