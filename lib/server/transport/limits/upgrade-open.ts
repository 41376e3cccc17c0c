import type { Socket } from 'node:net';

/** What becomes of a socket that was handed to a new owner. */
interface UpgradeWatch {
  /** It is no request any more: it is open, or its client has ended its side. */
  settled(): void;
  /** Its new owner has sent the first bytes, or it is closed: nothing is waited for. */
  opened(): void;
}

/** Tells of each once. A client that has ended its side may still be answered, or be kept by an owner that never ends it. */
export function watchUpgrade(socket: Socket, watch: UpgradeWatch): void {
  let isSettled = false;
  let isOpened = false;
  const settle = (): void => {
    if (!isSettled) watch.settled();
    isSettled = true;
  };
  const open = (): void => {
    if (isOpened) return;
    isOpened = true;
    delete (socket as Partial<Socket>).write;
    settle();
    watch.opened();
  };
  socket.write = function (this: Socket, ...args: Parameters<Socket['write']>): boolean {
    open();
    return this.write(...args);
  } as Socket['write'];
  socket.once('end', settle);
  socket.once('close', open);
}
