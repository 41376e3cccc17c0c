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
  // What others have put on the socket before goes on, and stays.
  const former = { write: ownOf(socket, 'write'), push: ownOf(socket, 'push') };
  const write = function (this: Socket, ...args: Parameters<Socket['write']>): boolean {
    open();
    return (former.write ?? ofNode.write).apply(this, args);
  } as Socket['write'];
  const push = function (this: Socket, ...args: Parameters<Socket['push']>): boolean {
    if (args[0] === null) ended();
    return (former.push ?? ofNode.push).apply(this, args);
  };
  const open = (): void => {
    if (isOpened) return;
    isOpened = true;
    // Not what its new owner has put in their place: that calls ours.
    if (socket.write === write) giveBack(socket, 'write', former.write);
    if (socket.push === push) giveBack(socket, 'push', former.push);
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

type Call = (this: Socket, ...args: unknown[]) => boolean;

type Methods = Record<'write' | 'push', Call>;

const ofNode = Socket.prototype as unknown as Methods;

/** The method of a socket itself; undefined for that of its class. */
function ownOf(socket: Socket, name: keyof Methods): Call | undefined {
  return Object.hasOwn(socket, name) ? (socket as unknown as Methods)[name] : undefined;
}

function giveBack(socket: Socket, name: keyof Methods, former: Call | undefined): void {
  const methods = socket as unknown as Partial<Methods>;
  if (former) methods[name] = former;
  else delete methods[name];
}
