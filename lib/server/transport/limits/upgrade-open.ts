import type { Socket } from 'node:net';

/** Calls back once, with the first bytes that the new owner of a socket writes, or when its client
 * is gone. */
export function onceOpen(socket: Socket, tell: () => void): void {
  let isOver = false;
  const over = (): void => {
    if (isOver) return;
    isOver = true;
    delete (socket as Partial<Socket>).write;
    tell();
  };
  socket.write = function (this: Socket, ...args: Parameters<Socket['write']>): boolean {
    over();
    return this.write(...args);
  } as Socket['write'];
  socket.once('end', over);
  socket.once('close', over);
}
