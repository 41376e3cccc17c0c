import { Socket } from 'node:net';
import { endWhenSilent } from './end-when-silent.js';

/** What becomes of a socket that was handed to a new owner. */
export interface UpgradeWatch {
  /** It is no request any more: it is open, or its client has ended its side. */
  settled(): void;
  /** Its new owner has sent the first bytes, or has ended it, or it is closed: nothing is waited for. */
  opened(): void;
}

/**
 * Tells of each once. A client that has ended its side may still be answered, and is waited for no longer than
 * one of a request: its new owner may know nothing of the socket, and never end it.
 *
 * The end of its client is known before its new owner reads it, who may not read at all: bytes that nobody takes
 * stand in front of 'end'.
 */
export function watchUpgrade(socket: Socket, watch: UpgradeWatch): void {
  let isSettled = false;
  let isOpened = false;
  let hasEnded = false;
  let stopWaiting: (() => void) | undefined;
  const settle = (): void => {
    if (!isSettled) watch.settled();
    isSettled = true;
  };
  const write = function (this: Socket, ...args: Parameters<Socket['write']>): boolean {
    open();
    return Socket.prototype.write.apply(this, args);
  } as Socket['write'];
  const push = function (this: Socket, ...args: Parameters<Socket['push']>): boolean {
    if (args[0] === null) ended();
    return Socket.prototype.push.apply(this, args);
  };
  const open = (): void => {
    if (isOpened) return;
    isOpened = true;
    // Not what its new owner has put in their place: that calls ours.
    if (socket.write === write) delete (socket as Partial<Socket>).write;
    if (socket.push === push) delete (socket as Partial<Socket>).push;
    stopWaiting?.();
    settle();
    watch.opened();
  };
  const ended = (): void => {
    if (isOpened || hasEnded) return;
    hasEnded = true;
    settle();
    stopWaiting = endWhenSilent(socket);
  };
  Object.assign(socket, { write, push });
  socket.once('end', ended).once('finish', open).once('close', open);
}
