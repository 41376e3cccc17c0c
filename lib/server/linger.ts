import { Socket } from 'node:net';

/**
 * How long a socket that we ended may wait for its peer's own end. Closing at once would answer
 * bytes still on their way with a reset, and a reset makes the peer drop what it has not read yet:
 * the end of our answer among it.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9112#section-9.6
 */
const lingerMs = 500;

const lingering = new WeakSet<Socket>();

/** Ends a socket with a FIN and destroys it when the peer has ended too, or after the linger. */
export function lingeringClose(socket: Socket): void {
  if (socket.destroyed || lingering.has(socket)) return;
  lingering.add(socket);
  const timer = setTimeout(() => socket.destroy(), lingerMs);
  socket.once('close', () => clearTimeout(timer));
  socket.once('end', () => Socket.prototype.destroySoon.call(socket));
  socket.end();
}
