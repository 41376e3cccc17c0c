import { Socket } from 'node:net';

/*
 * Node's own methods of a socket: what a handler or its middleware has put in their place may throw, wait or do
 * nothing, where nobody of theirs would hear of it.
 */

export function destroySocket(socket: Socket, error?: Error): void {
  Socket.prototype.destroy.call(socket, error);
}

export function endSocket(socket: Socket): void {
  Socket.prototype.end.call(socket, undefined as never);
}

export function writeTo(socket: Socket, bytes: string): void {
  Socket.prototype.write.call(socket, bytes);
}
