import { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';

/**
 * Keeps a request that comes while the answer before it is not all written, over TLS.
 *
 * Node's HTTP server pauses such a connection. It reads through the parser directly, and of TLS one
 * read may hold several pieces: the next piece meets a parser that is paused, which Node takes for a
 * parse error, and resets the connection. A client that has the whole answer already, and asks
 * again before the server has learnt so, loses its request. From the first pause on, the bytes go
 * through the socket's own buffer, which may be paused at any time.
 *
 * @see https://github.com/nodejs/node/pull/3342 the same for a resume
 */
export function pauseWithoutLoss(socket: TLSSocket): void {
  // One function for all connections.
  socket.pause = pause;
}

function pause(this: TLSSocket): TLSSocket {
  const isPausedByServer = (this as { _paused?: boolean })._paused === true;
  if (isPausedByServer) {
    delete (this as Partial<TLSSocket>).pause;
    // A listener for 'data' is what makes Node read through the socket and not the parser.
    this.on('data', () => undefined);
  }
  return Socket.prototype.pause.call(this) as TLSSocket;
}
