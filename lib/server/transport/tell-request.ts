import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ServerEvents } from './server-events.js';

/** Tells of a request, and of its end. */
export function tellRequest(
  events: ServerEvents,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  events.requestBegun?.(request, response);
  if (events.requestEnded === undefined) return;
  response.once('close', () => {
    const status = response.headersSent ? response.statusCode : undefined;
    events.requestEnded?.(request, response, { status, finished: response.writableFinished });
  });
}
