import { findConnection, type Connection } from '../transport/connection/connection.js';
import { socketsBetweenRequests } from '../transport/node/node-http1.js';
import type { Transport } from '../transport/transport.js';

/**
 * The HTTP/1 connections that have asked, have had their answers, and on which no byte of a next request
 * has arrived. One that never sent a byte is not among them: its first request may be on its way.
 */
export function idleConnections({ inner, connections }: Transport): Connection[] {
  const sockets = inner && socketsBetweenRequests(inner);
  // Where Node does not tell (it has been said), half a head is taken for nothing.
  const all = sockets ? sockets.map((socket) => findConnection({ socket })) : [...connections];
  return all.filter(isIdle);
}

function isIdle(connection: Connection | undefined): connection is Connection {
  if (connection === undefined) return false;
  const { kind, hasAsked, inFlight } = connection;
  return kind === 'http1' && hasAsked && inFlight === 0;
}
