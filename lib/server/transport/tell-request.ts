import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Http2ServerResponse } from 'node:http2';
import { whenOver } from './answer-over.js';
import type { ServerEvents } from './server-events.js';

/** Tells of a request, and of its end. */
export function tellRequest(
  events: ServerEvents,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  events.requestBegun?.(request, response);
  if (events.requestEnded === undefined) return;
  whenOver(request, response, () => {
    const status = response.headersSent ? response.statusCode : undefined;
    const { stream } = response as unknown as Partial<Http2ServerResponse>;
    const { writableFinished: finished } = stream ?? response;
    events.requestEnded?.(request, response, { status, finished });
  });
}
