import type { Connection } from '../transport/connection.js';
import type { InnerServer } from '../transport/inner-server.js';

/** Absent on an HTTP/2 server without TLS, which has no HTTP/1 connections. */
type ClosesIdle = { closeIdleConnections?: () => void };

/**
 * The HTTP/1 connections on which no byte of a next request has arrived. Only Node's parser knows
 * (half a header is not idle), and it tells nobody but `closeIdleConnections()`, which destroys:
 * with a reset for what is unread, and with a truncated body for an answer that is not flushed. So
 * `destroy` is held for the length of that call, and whom Node would have closed is noted instead.
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
  const idle: Connection[] = [];
  const held: Connection[] = [];
  for (const connection of all) {
    if (connection.kind !== 'http1') continue;
    held.push(connection);
    connection.socket.destroy = () => {
      // Node 26 ends those, too, that have sent no byte.
      const hasAsked = connection.socket.bytesRead > 0;
      if (hasAsked && connection.inFlight === 0) idle.push(connection);
      return connection.socket;
    };
  }
  try {
    (inner as ClosesIdle | undefined)?.closeIdleConnections?.();
  } finally {
    for (const { socket } of held) delete (socket as Partial<typeof socket>).destroy;
  }
  return idle;
}
