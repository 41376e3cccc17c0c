import type { Socket } from 'node:net';
// Not the global ones, which tests with fake timers replace.
import { clearInterval, setInterval } from 'node:timers';
import { readMore } from '../node/node-handle.js';
import { isPausedByServer } from '../node/pause-parser.js';

/** How often it is looked whether a connection is paused and nothing is sent on it. */
const lookMs = 2000;

/**
 * So much of what a client has pipelined is read before its turn, where the buffer of its socket is full: bytes that wait in
 * the system stand in front of the end of its side, and of a reset. Of one that has sent more, the end is learnt
 * when something is sent to it; it may be one that waits for a slow answer, and is not cut.
 */
const mostUnreadBytes = 256 * 1024;

/** Those that are read on. */
const quiet = new WeakSet<Socket>();

/** Reads on while a connection is paused by Node's server and nothing is sent on it; its `push` has to ask {@link mayReadOn}. */
export function readOn(socket: Socket): void {
  let sent = socket.bytesWritten;
  const timer = setInterval(() => {
    const isQuiet = socket.bytesWritten === sent;
    sent = socket.bytesWritten;
    if (isQuiet && isPausedByServer(socket)) {
      quiet.add(socket);
      if (mayReadOn(socket)) readMore(socket);
    } else quiet.delete(socket);
  }, lookMs).unref();
  socket.once('close', () => clearInterval(timer));
}

/** Whether more is to be read though the buffer is full. */
export function mayReadOn(socket: Socket): boolean {
  return quiet.has(socket) && socket.readableLength < mostUnreadBytes;
}
