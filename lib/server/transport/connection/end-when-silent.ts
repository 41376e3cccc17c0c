import type { Socket } from 'node:net';
import { lingeringClose } from './linger.js';

/**
 * How long a client that has ended its side is waited for while nothing is sent to it. It may be half-closed, and
 * read on; or it may be gone altogether, which can't be told from here until something is sent. Then whoever has
 * the connection must learn it, for it may do work that nobody wants.
 */
const silenceMs = 2000;

/**
 * Ends a socket whose client has ended its side, when nothing has been sent for so long.
 *
 * @returns leaves it as it is
 */
export function endWhenSilent(socket: Socket): () => void {
  let sent = socket.bytesWritten;
  const timer = setInterval(() => {
    // What waits to be read is for somebody who is there.
    if (socket.bytesWritten === sent && socket.writableLength === 0) lingeringClose(socket);
    sent = socket.bytesWritten;
  }, silenceMs);
  const stop = (): void => clearInterval(timer);
  socket.once('close', stop);
  return stop;
}
