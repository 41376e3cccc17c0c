import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ServerSettings } from '../../config/server-settings.js';
import type { Handler } from '../../handler/handler.js';
import { closeAfter, endAfter, whenLastIsKnown } from './answer/last-answer.js';
import { findConnection, type Connection } from './connection/connection.js';
import { dispatch, type DispatchHost, type RequestEvent } from './dispatch.js';
import type { DrainObserver } from './connection/drain-observer.js';
import { tellRequest } from './answer/tell-request.js';
import { answerHalfOpen } from './answer/half-open.js';
import { goAwayFirst } from './http2/go-away.js';
import { headFault } from './http2/http2-session.js';
import { http2StreamOf } from './answer/http2-stream.js';
import { endsKeepAlive } from './limits/keep-alive.js';

/** The transport that a request came in on. */
export interface ServingTransport {
  readonly host: DispatchHost;
  readonly handler: Handler;
  readonly settings: ServerSettings;
  /** While there is one, each connection ends with its next answer. */
  readonly drain: DrainObserver | undefined;
  countRequest(): void;
}

/** All that is done for each request before the handler has it. */
export function serveRequest(
  transport: ServingTransport,
  request: IncomingMessage,
  response: ServerResponse,
  event: RequestEvent,
): void {
  transport.countRequest();
  if (request.httpVersionMajor >= 2) return serveStream(transport, request, response, event);
  const { drain, host, handler, settings } = transport;
  const connection = findConnection(request) as Connection;
  // Its body is read all the same: unread bytes would turn the end of the connection into a reset.
  if (connection.isClosing) return void request.resume();
  const before = connection.begin(response);
  if (host.events) tellRequest(host.events, request, response, connection);
  const isLast = endsKeepAlive(connection, settings.keepAlive);
  if (drain === undefined && !isLast) {
    dispatch(host, handler, request, response, event);
    if (!hasEnded(response)) answerHalfOpen(connection);
    return;
  }
  answerHalfOpen(connection);
  // What is pipelined behind the last one is for the client to ask again.
  if (isLast && !settings.keepAlive.disabled) {
    connection.refuseRequests();
    endAfter(connection, response);
  }
  closeAfter(connection, response);
  drain?.request(connection, response);
  whenLastIsKnown(connection, before, () =>
    dispatch(host, transport.handler, request, response, event),
  );
}

/** A handler may have put something in the place of what tells it. */
function hasEnded(response: ServerResponse): boolean {
  try {
    return response.writableEnded;
  } catch {
    return false;
  }
}

function serveStream(
  transport: ServingTransport,
  request: IncomingMessage,
  response: ServerResponse,
  event: RequestEvent,
): void {
  if (http2StreamOf(response) === undefined) return refuseText(transport, request, response);
  const { drain, host, settings } = transport;
  const { keepAlive } = settings;
  if (host.events) tellRequest(host.events, request, response);
  const status = headFault(request, settings);
  if (status !== undefined) return void response.writeHead(status, { 'Content-Length': '0' }).end();
  const handOn = (): void => dispatch(host, transport.handler, request, response, event);
  if (drain === undefined && !keepAlive.isLimited) return handOn();
  const connection = findConnection(request) as Connection;
  const isLast = endsKeepAlive(connection, keepAlive);
  if (drain) return drain.streamRequest(connection, response, handOn);
  if (isLast) goAwayFirst(connection, response, handOn);
  else handOn();
}

/** A client of HTTP/1 that writes `HTTP/2.0`. Its connection ends with this answer, which may wait behind others. */
function refuseText(
  { drain, host }: ServingTransport,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const connection = findConnection(request) as Connection;
  if (connection.isClosing) return void request.resume();
  connection.begin(response);
  if (host.events) tellRequest(host.events, request, response, connection);
  connection.refuseRequests();
  drain?.request(connection, response);
  response.writeHead(400, { 'Content-Length': '0', Connection: 'close' }).end();
}
