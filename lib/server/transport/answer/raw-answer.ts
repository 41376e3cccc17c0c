import type { Socket } from 'node:net';
import { lingeringClose } from '../connection/linger.js';
import { writeTo } from '../connection/own-methods.js';

/**
 * Answers on a connection in the place of whoever has it, and ends it.
 *
 * @param head The status, and header lines if there are any
 */
export function answerRaw(socket: Socket, head: string): void {
  writeTo(socket, `HTTP/1.1 ${head}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`);
  lingeringClose(socket);
}
