import type { Connection } from '../transport/connection/connection.js';
import { destroySocket } from '../transport/connection/own-methods.js';
import { factsOf } from '../transport/connection/moved-connection.js';
import { handleOf, type SocketHandle } from '../transport/node/node-handle.js';
import type { Transport } from '../transport/transport.js';
import { idleConnections } from './idle-connections.js';

/** How many are on their way at once: nobody reads from those. */
const atOnce = 16;

/** Gives a connection to another process; resolves to whether it is another's from here on. */
type MoveConnection = (handle: object, facts: object) => Promise<boolean>;

/**
 * Gives idle connections of plain HTTP/1 to a process that serves on: their clients learn nothing of
 * the drain. One that is not taken stays, and drains as the others do.
 */
export async function moveIdle(
  transports: readonly Transport[],
  move: MoveConnection,
): Promise<void> {
  const idle = transports.flatMap(candidates).values();
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      for (const { connection, bytesRead } of idle) {
        // A byte that came since is the begin of a request.
        if (connection.socket.bytesRead === bytesRead) await moveOne(connection, move);
      }
    }),
  );
}

interface Candidate {
  readonly connection: Connection;
  readonly bytesRead: number;
}

/** Those that have had their last answer whole, and those that have never sent a byte. */
function candidates(transport: Transport): Candidate[] {
  const { connections, secure } = transport;
  if (secure) return [];
  const silent = [...connections].filter(({ isSilent }) => isSilent);
  return [...idleConnections(transport), ...silent].map((connection) => ({
    connection,
    bytesRead: connection.socket.bytesRead,
  }));
}

async function moveOne(connection: Connection, move: MoveConnection): Promise<void> {
  const { socket } = connection;
  const handle = handleOf(socket);
  if (handle === undefined || !isAtRest(connection, handle)) return;
  handle.readStop();
  // It is not idle for those who end what is.
  connection.refuseRequests();
  if (await move(handle, factsOf(connection))) {
    // This process's side alone: no FIN is sent while another one has the connection open.
    destroySocket(socket);
  } else {
    connection.takeRequests();
    handleOf(socket)?.readStart();
  }
}

function isAtRest(connection: Connection, { writeQueueSize }: SocketHandle): boolean {
  const { kind, socket, inFlight, isClosing } = connection;
  if (kind !== 'http1' || inFlight > 0 || isClosing) return false;
  if (socket.destroyed || !socket.writable || socket.readableEnded) return false;
  return socket.writableLength + socket.readableLength + writeQueueSize === 0;
}
