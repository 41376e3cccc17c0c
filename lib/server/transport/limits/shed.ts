import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { answerRaw } from '../answer/raw-answer.js';
import type { RequestLimits } from './request-limits.js';
import type { ServerEvents, ShedReason } from '../events/server-events.js';

/** Who turns requests away. */
interface SheddingHost {
  readonly events: ServerEvents | undefined;
  readonly limits: Pick<RequestLimits, 'retryAfter'>;
}

/** Answers 503 in the place of a handler. */
export function shed(
  { events, limits }: SheddingHost,
  request: IncomingMessage,
  response: ServerResponse,
  reason: ShedReason,
): void {
  const retryAfter = limits.retryAfter(reason);
  response.writeHead(503, { 'Retry-After': String(retryAfter), 'Content-Length': '0' });
  response.end();
  events?.requestShed?.(request, reason);
}

/** The same for a request that would take its socket over; a CONNECT of HTTP/2 has an answer. */
export function shedTakeOver(
  host: SheddingHost,
  request: IncomingMessage,
  socket: Socket | ServerResponse,
  reason: ShedReason,
): void {
  if ('writeHead' in socket) return shed(host, request, socket, reason);
  const retryAfter = host.limits.retryAfter(reason);
  answerRaw(socket, `503 Service Unavailable\r\nRetry-After: ${retryAfter}`);
  host.events?.requestShed?.(request, reason);
}
