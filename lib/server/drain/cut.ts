import type { Connection } from '../transport/connection/connection.js';
import { destroySocket } from '../transport/connection/own-methods.js';
import type { CutKind, ServerEvents } from '../transport/events/server-events.js';
import type { Transport } from '../transport/transport.js';
import { idleConnections } from './idle-connections.js';

/** Connections that were cut because the grace ran out, by what they were. */
export interface CutCounts extends Record<CutKind, number> {
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

/** Frozen, for a report; of none, it says that nothing was cut. */
export function addCuts(all: readonly CutCounts[]): Readonly<CutCounts> {
  const sum = noneCut();
  for (const counts of all) {
    for (const kind of Object.keys(sum) as CutKind[]) sum[kind] += counts[kind];
  }
  return Object.freeze(sum);
}

export function isAnyCut(counts: Readonly<CutCounts>): boolean {
  return Object.values(counts).some((count) => count > 0);
}

/** Told of what is cut. */
export interface CutObserver {
  readonly events: ServerEvents | undefined;
  /** What was asked for and is not answered, as method and path. */
  requestsCut(requests: readonly string[]): void;
}

/** Destroys every connection that is left, and tells what each was. */
export function cutConnections(transport: Transport, observer?: CutObserver): CutCounts {
  const counts = noneCut();
  const events = observer?.events;
  const asked: string[] = [];
  const count = (kind: CutKind): void => {
    counts[kind] += 1;
    events?.connectionCut?.(kind);
  };
  const idle = new Set(idleConnections(transport));
  for (let left = transport.handshakes.size; left > 0; left -= 1) count('tls');
  for (const connection of transport.connections) {
    try {
      const kind = kindAtCut(connection, idle.has(connection));
      if (kind) count(kind);
      asked.push(...connection.asked());
      connection.session?.destroy();
    } catch {
      // What a handler has put in the place of something of Node's fails, and its connection is cut all the same.
    }
    connection.awaitEnd();
    destroySocket(connection.socket);
  }
  for (const socket of transport.tlsSockets) destroySocket(socket);
  if (asked.length > 0) observer?.requestsCut(asked);
  return counts;
}

/** A connection that we have ended already, and whose peer is slow to end its side, lost nothing. */
function kindAtCut(connection: Connection, isIdle: boolean): CutKind | undefined {
  const { kind } = connection;
  if (kind === 'upgraded' || kind === 'connect') return kind;
  if (connection.inFlight === 0 && isEnded(connection)) return undefined;
  if (kind === 'http2') return kind;
  return isIdle || connection.isSilent ? 'idle' : 'http1';
}

function isEnded({ isClosing, session, socket }: Connection): boolean {
  return isClosing || session?.closed === true || socket.writableFinished;
}
