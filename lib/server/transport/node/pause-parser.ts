import { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { warnOfNode } from '../../../errors/warn-once.js';

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

/**
 * Has the bytes of a connection go through the buffer of its socket, and no longer to the parser directly: the socket is
 * read while it is paused, until the buffer is full, and so its end is learnt.
 */
export function readThroughBuffer(socket: Socket): void {
  // A listener for 'data' is what makes Node read through the socket and not the parser.
  socket.on('data', () => undefined);
}

/** Read from `_http_server.js` of Node 20.20, 22.23, 24.21 and 26.12; of a session of HTTP/2 it tells nothing. */
export function isPausedByServer(socket: Socket): boolean {
  const { _paused: isPaused, alpnProtocol } = socket as Partial<TLSSocket> & { _paused?: boolean };
  if (isPaused === undefined && alpnProtocol !== 'h2') {
    warnOfNode(
      'pauses connections as nestjs-http-pool does not know it: over TLS, a client that asks again while its answer is ' +
        'not all read may lose its connection, and one that pipelines and leaves is not noticed',
    );
  }
  return isPaused === true;
}

function pause(this: TLSSocket): TLSSocket {
  if (isPausedByServer(this)) {
    delete (this as Partial<TLSSocket>).pause;
    readThroughBuffer(this);
  }
  return Socket.prototype.pause.call(this) as TLSSocket;
}
