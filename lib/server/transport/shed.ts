import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { lingeringClose } from './linger.js';
import type { ServerEvents, ShedReason } from './server-events.js';

/** Seconds after which a client that was turned away may try again. */
const retryAfterSeconds = '1';

/** Answers 503 in the place of a handler. */
export function shed(
  { events }: { readonly events: ServerEvents | undefined },
  request: IncomingMessage,
  response: ServerResponse,
  reason: ShedReason,
): void {
  response.writeHead(503, { 'Retry-After': retryAfterSeconds, 'Content-Length': '0' });
  response.end();
  events?.requestShed?.(request, reason);
}

/** The same for a request that would take its socket over; a CONNECT of HTTP/2 has an answer. */
export function shedTakeOver(
  host: { readonly events: ServerEvents | undefined },
  request: IncomingMessage,
  socket: Socket | ServerResponse,
  reason: ShedReason,
): void {
  if ('writeHead' in socket) return shed(host, request, socket, reason);
  endWith(socket, `503 Service Unavailable\r\nRetry-After: ${retryAfterSeconds}`);
  host.events?.requestShed?.(request, reason);
}

/** @param head The status, and header lines if there are any */
export function endWith(socket: Socket, head: string): void {
  socket.write(`HTTP/1.1 ${head}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`);
  lingeringClose(socket);
}
