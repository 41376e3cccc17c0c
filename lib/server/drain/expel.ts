import { constants } from 'node:http2';
import { destroySocket } from '../transport/connection/own-methods.js';
import type { Connection } from '../transport/connection/connection.js';
import type { Transport } from '../transport/transport.js';
import { endGently } from './end-idle.js';
import { closePushClients } from './push-clients.js';
import { openWebSocketOn } from './ws.js';

/** How long a connection that was taken over has for a last word: the close handshake of a WebSocket, say. */
const lastWordMs = 1_000;

/**
 * Lets clients finish what they have asked for, and nothing more: they are not to be served any
 * longer. Handshakes are cut, for they are judged by what held before. What has no end of its own gets one: those
 * who are pushed to leave as at a stop, and what was taken over is destroyed a moment later, whatever comes of it.
 *
 * @returns Call it when no connection is left
 */
export function expel({ connections, handshakes }: Transport): () => void {
  for (const socket of handshakes) socket.destroy();
  const taken = [...connections].filter(isTakenOver);
  // Its frames are for `ws` to end.
  const bare = taken.filter(({ socket }) => openWebSocketOn(socket) === undefined);
  const stopLooking = closePushClients([{ connections }]);
  for (const connection of bare) endGently(connection);
  const timer = setTimeout(() => {
    for (const { socket } of taken) destroySocket(socket);
  }, lastWordMs);
  for (const connection of connections) {
    if (connection.session) leaveSession(connection);
    else if (!isTakenOver(connection)) endWhenAnswered(connection);
  }
  return () => {
    stopLooking();
    clearTimeout(timer);
  };
}

function isTakenOver({ kind }: Connection): boolean {
  return kind === 'upgraded' || kind === 'connect';
}

/** A tunnel of HTTP/2 is a stream, and has no end of its own either. */
function leaveSession({ session, streams }: Connection): void {
  for (const { stream, headers } of streams) {
    if (headers[':method'] === 'CONNECT') stream.close(constants.NGHTTP2_CONNECT_ERROR);
  }
  session?.close();
}

/**
 * Over HTTP/1, and at once where no answer is owed. The last answer may have its head already, in a pipeline
 * or while it is streamed: what it says does not end the connection then.
 */
function endWhenAnswered(connection: Connection): void {
  const last = connection.owed().at(-1);
  if (last === undefined) return endGently(connection);
  connection.refuseRequests();
  last.once('close', () => endGently(connection));
}
