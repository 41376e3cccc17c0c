import type { Connection } from '../transport/connection.js';
import { idleConnections } from './idle-connections.js';
import type { Transport } from '../transport/transport.js';

/** Connections that were cut because the grace ran out, by what they were. */
export interface CutCounts {
  /** A request not read, or an answer not sent, to its end. */
  http1: number;
  /** HTTP/2 sessions. */
  http2: number;
  /** WebSockets and other upgraded connections. */
  upgraded: number;
  /** Tunnels of a `CONNECT`. */
  connect: number;
  /** TLS handshakes in progress. */
  tls: number;
  /** Connections with nothing owed to them. */
  idle: number;
}

export function noneCut(): CutCounts {
  return { http1: 0, http2: 0, upgraded: 0, connect: 0, tls: 0, idle: 0 };
}

export function addCuts(all: readonly CutCounts[]): CutCounts {
  const sum = noneCut();
  for (const counts of all) {
    for (const kind of Object.keys(sum) as (keyof CutCounts)[]) sum[kind] += counts[kind];
  }
  return sum;
}

/** Destroys every connection that is left, and tells what each was. */
export function cutConnections(transport: Transport): CutCounts {
  const counts = noneCut();
  const idle = new Set(idleConnections(transport.inner, transport.connections));
  counts.tls = Math.max(0, transport.sockets.size - transport.connections.size);
  for (const connection of transport.connections) {
    const kind = kindAtCut(connection, idle.has(connection));
    if (kind) counts[kind] += 1;
    connection.session?.destroy();
    connection.socket.destroy();
  }
  for (const socket of transport.sockets) socket.destroy();
  return counts;
}

/** A connection that we have ended already, and whose peer is slow to end its side, lost nothing. */
function kindAtCut(connection: Connection, isIdle: boolean): keyof CutCounts | undefined {
  const { kind, socket } = connection;
  if (kind === 'upgraded' || kind === 'connect') return kind;
  if (connection.inFlight === 0 && isEnded(connection)) return undefined;
  if (kind === 'http2') return kind;
  const isSilent = connection.last === undefined && socket.bytesRead === 0;
  return isIdle || isSilent ? 'idle' : 'http1';
}

function isEnded({ closing, session, socket }: Connection): boolean {
  return closing || session?.closed === true || socket.writableFinished;
}
