import type { IncomingMessage, ServerResponse } from 'node:http';
import { expressFinal, type ExpressListener } from '../../handler/express-final.js';
import { isExpressApplication, type Handler } from '../../handler/handler.js';
import { isThenable, whenRejected } from '../../handler/thenable.js';
import { answerFailure } from './answer/failed-answer.js';
import type { RequestLimits } from './limits/request-limits.js';
import type { ServerEvents } from './events/server-events.js';
import { shed } from './limits/shed.js';

/** What a request is dispatched for. */
export interface DispatchHost {
  /** Of the server, over all its transports; undefined while none is set. */
  readonly limits: RequestLimits | undefined;
  readonly events: ServerEvents | undefined;
  /** A handler threw, or its promise rejected. */
  handlerFailed(error: unknown, request: IncomingMessage): void;
}

/** The events by which Node gives a request. */
export type RequestEvent = 'request' | 'checkContinue' | 'checkExpectation';

/** Hands a request to the handler, unless a limit speaks against it. */
export function dispatch(
  host: DispatchHost,
  handler: Handler,
  request: IncomingMessage,
  response: ServerResponse,
  event: RequestEvent,
): void {
  const { events, limits } = host;
  if (limits?.enabled) {
    const reason = limits.admit(request, response, { isAsked: event !== 'checkContinue' });
    if (reason) return shed({ events, limits }, request, response, reason);
  }
  try {
    const listener = handler[event] ?? (event === 'checkExpectation' ? unmet : handler.request);
    const outcome: unknown =
      listener === handler.request && isExpressApplication(handler)
        ? callExpress(host, handler, request, response)
        : listener.call(handler, request, response as never);
    if (isThenable(outcome)) whenRejected(outcome, (error) => fail(host, error, request, response));
  } catch (error) {
    fail(host, error, request, response);
  }
}

function callExpress(
  host: DispatchHost,
  handler: Handler,
  request: IncomingMessage,
  response: ServerResponse,
): unknown {
  const failed = (error: unknown): void => fail(host, error, request, response);
  const final = expressFinal({ request, response }, failed);
  return (handler.request as ExpressListener).call(handler, request, response, final);
}

/** As Node answers an `Expect` that nobody knows. */
function unmet(_request: IncomingMessage, response: ServerResponse): void {
  response.writeHead(417, { 'Content-Length': '0' }).end();
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
  answerFailure(response);
  tellFailure(host, error, request);
}

/** Where the failure goes must not matter to the server, though it throws. */
export function tellFailure(
  host: Pick<DispatchHost, 'handlerFailed'>,
  error: unknown,
  request: IncomingMessage,
): void {
  try {
    host.handlerFailed(error, request);
  } catch {
    // A logger that fails has no place to say so.
  }
}
