import type { Socket } from 'node:net';
import { destroySocket, endSocket } from './own-methods.js';

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
  if (socket.readableEnded) return finish.call(socket);
  socket.on('end', finish);
  if (socket.writableFinished) return destroyWhenSilent(socket);
  // Counted from when all was written: a slow reader is not done before.
  endSocket(socket.on('finish', onFinish));
}

/** Destroys a socket that has ended on our side, and to which nothing comes any more. */
export function destroyWhenSilent(socket: Socket): void {
  if (socket.destroyed || waiting.has(socket)) return;
  socket.on('close', onClose);
  const now = performance.now();
  waitFor(socket, now, now + lingerLimitMs);
}

/** What was seen of a socket that waits for its peer. */
interface Waiting {
  readonly bytesRead: number;
  /** When it is looked at whether more has come. */
  readonly dueAt: number;
  /** When it is destroyed whatever comes. */
  readonly latest: number;
}

/** In the order in which they are due: one timer is enough for all of them. */
const waiting = new Map<Socket, Waiting>();

let timer: NodeJS.Timeout | undefined;

function waitFor(socket: Socket, now: number, latest: number): void {
  waiting.set(socket, { bytesRead: socket.bytesRead, dueAt: now + lingerMs, latest });
  timer ??= setTimeout(look, lingerMs);
}

function look(): void {
  const now = performance.now();
  timer = undefined;
  for (const [socket, { bytesRead, dueAt, latest }] of waiting) {
    if (dueAt > now) {
      timer ??= setTimeout(look, dueAt - now);
      return;
    }
    waiting.delete(socket);
    if (socket.bytesRead === bytesRead || now > latest) destroySocket(socket);
    else waitFor(socket, now, latest);
  }
}

// One function each for all sockets: thousands may be ended at once.

/** As `destroySoon` does. */
function finish(this: Socket): void {
  if (this.writable) endSocket(this);
  if (this.writableFinished) destroySocket(this);
  else this.once('finish', destroyThis);
}

function destroyThis(this: Socket): void {
  destroySocket(this);
}

function onFinish(this: Socket): void {
  destroyWhenSilent(this);
}

function onClose(this: Socket): void {
  waiting.delete(this);
  if (waiting.size > 0) return;
  clearTimeout(timer);
  timer = undefined;
}
