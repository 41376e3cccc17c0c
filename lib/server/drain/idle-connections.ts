import { Socket } from 'node:net';
import { findConnection, type Connection } from '../transport/connection.js';
import type { InnerServer } from '../transport/inner-server.js';

/** Absent on an HTTP/2 server without TLS, which has no HTTP/1 connections. */
type ClosesIdle = { closeIdleConnections?: () => void };

/** Whom Node's server would close; undefined while it is not asked. */
let asked: Connection[] | undefined;

/**
 * The HTTP/1 connections on which no byte of a next request has arrived. Only Node's parser knows
 * (half a header is not idle), and it tells nobody but `closeIdleConnections()`, which destroys:
 * with a reset for what is unread, and with a truncated body for an answer that is not flushed. So
 * `destroy` only notes whom Node would have closed for the length of that call.
 *
 * A connection that never sent a byte is not among them: its first request may be on its way.
 *
 * @see https://github.com/nodejs/node/issues/63470
 *
 * @see https://nodejs.org/docs/latest-v20.x/api/http.html#servercloseidleconnections
 */
export function idleConnections(
  inner: InnerServer | undefined,
  all: Iterable<Connection>,
): Connection[] {
  for (const { kind, socket } of all) {
    // It stays: put on and taken off again with each look, it would make each socket a slow object.
    if (kind === 'http1' && socket.destroy !== noteOrDestroy) socket.destroy = noteOrDestroy;
  }
  const found: Connection[] = [];
  asked = found;
  try {
    (inner as ClosesIdle | undefined)?.closeIdleConnections?.();
  } finally {
    asked = undefined;
  }
  // Node 26 ends those, too, that have sent no byte.
  return found.filter(({ hasAsked, inFlight }) => hasAsked && inFlight === 0);
}

/** One function for all sockets. */
function noteOrDestroy(this: Socket, error?: Error): Socket {
  if (asked === undefined) return Socket.prototype.destroy.call(this, error) as Socket;
  const connection = findConnection({ socket: this });
  if (connection) asked.push(connection);
  return this;
}
