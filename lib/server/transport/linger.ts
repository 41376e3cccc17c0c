import { Socket } from 'node:net';

/**
 * How long a socket that we ended waits for its peer, counted from the last byte that came. Closing
 * at once would answer bytes still on their way with a reset, and a reset makes the peer drop what
 * it has not read yet: the end of our answer among it.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9112#section-9.6
 */
const lingerMs = 500;

/** A peer that never ceases to send must not hold a socket for ever. */
const lingerLimitMs = 30_000;

const lingering = new WeakSet<Socket>();

/** Ends a socket with a FIN and destroys it when the peer has ended too, or is silent. */
export function lingeringClose(socket: Socket): void {
  if (socket.destroyed || lingering.has(socket)) return;
  lingering.add(socket);
  const finish = (): void => Socket.prototype.destroySoon.call(socket);
  if (socket.readableEnded) return finish();
  socket.once('end', finish);
  // Counted from when all was written: a slow reader is not done before.
  socket.end(() => destroyWhenSilent(socket));
}

/** Destroys a socket that has ended on our side, and to which nothing comes any more. */
export function destroyWhenSilent(socket: Socket): void {
  const latest = performance.now() + lingerLimitMs;
  let seen = socket.bytesRead;
  const timer = setInterval(() => {
    if (socket.bytesRead === seen || performance.now() > latest) socket.destroy();
    seen = socket.bytesRead;
  }, lingerMs);
  socket.once('close', () => clearInterval(timer));
}
