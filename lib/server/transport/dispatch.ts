import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Handler } from '../../handler/handler.js';
import { breakOff } from './break-off.js';
import type { RequestLimits } from './request-limits.js';

/** What a request is dispatched for. */
export interface DispatchHost {
  /** Of the server, over all its transports; undefined while none is set. */
  readonly limits: RequestLimits | undefined;
  /** A handler threw, or its promise rejected. */
  handlerFailed(error: unknown, request: IncomingMessage): void;
}

/** The events by which Node gives a request. */
export type RequestEvent = 'request' | 'checkContinue';

/** Hands a request to the handler, unless a limit speaks against it. */
export function dispatch(
  host: DispatchHost,
  handler: Handler,
  request: IncomingMessage,
  response: ServerResponse,
  event: RequestEvent,
): void {
  const { limits } = host;
  if (limits?.enabled && !limits.admit(request, response)) return;
  try {
    const listener = handler[event] ?? handler.request;
    const outcome: unknown = listener.call(handler, request, response as never);
    if (outcome instanceof Promise) {
      outcome.catch((error) => fail(host, error, request, response));
    }
  } catch (error) {
    fail(host, error, request, response);
  }
}

/**
 * As Go recovers a panicking handler: one broken request must not take down the process and with
 * it every other server of the pool.
 */
function fail(
  host: DispatchHost,
  error: unknown,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  host.handlerFailed(error, request);
  if (response.headersSent) {
    breakOff(response);
  } else {
    response.writeHead(500).end();
  }
}
