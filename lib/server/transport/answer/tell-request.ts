import type { IncomingMessage, ServerResponse } from 'node:http';
import { whenOver } from './answer-over.js';
import type { Connection } from '../connection/connection.js';
import type { ServerEvents } from '../events/server-events.js';
import { http2StreamOf } from './http2-stream.js';

const told = Symbol('nestjs-http-pool.told');

/** A request whose end is still to be told. It is let go of with that: its connection may stay for long. */
class ToldRequest {
  constructor(
    private events: ServerEvents | undefined,
    private request: IncomingMessage | undefined,
    private response: ServerResponse | undefined,
  ) {}

  tellEnd(): void {
    const { events, request, response } = this;
    this.events = this.request = this.response = undefined;
    if (events && request && response) tellEnd(events, request, response);
  }
}

/** Kept on an answer so that the listener is one function for all. */
type Told = ServerResponse & { [told]?: ToldRequest };

const status = Symbol('nestjs-http-pool.status');

/** Notes the status of an answer that was sent on its connection, and not by its own methods. */
export function tellStatus(response: ServerResponse, sent: number): void {
  (response as ServerResponse & { [status]?: number })[status] = sent;
}

function statusOf(response: ServerResponse & { [status]?: number }): number | undefined {
  try {
    return response[status] ?? (response.headersSent ? response.statusCode : undefined);
  } catch {
    // Its handler has put something in their place.
    return undefined;
  }
}

/**
 * Tells of a request, and of its end.
 *
 * @param connection Of HTTP/1
 */
export function tellRequest(
  events: ServerEvents,
  request: IncomingMessage,
  response: ServerResponse,
  connection?: Connection,
): void {
  events.requestBegun?.(request, response);
  if (events.requestEnded === undefined) return;
  if (connection === undefined || connection.isPipelined(response)) {
    whenOver(request, response, () => tellEnd(events, request, response));
  } else {
    const entry = new ToldRequest(events, request, response);
    (response as Told)[told] = entry;
    // Of an answer that does not wait behind another one it always comes, and it comes once.
    response.on('close', onClose);
    // Unless its handler has taken the listener off, or the answer off its socket.
    connection.tellsEndOf(entry);
  }
}

function onClose(this: Told): void {
  this[told]?.tellEnd();
}

function tellEnd(events: ServerEvents, request: IncomingMessage, response: ServerResponse): void {
  const status = statusOf(response);
  events.requestEnded?.(request, response, { status, finished: isFinished(response) });
}

function isFinished(response: ServerResponse): boolean {
  try {
    return (http2StreamOf(response) ?? response).writableFinished;
  } catch {
    return false;
  }
}
