import type { IncomingMessage, ServerResponse } from 'node:http';
import { inspect } from 'node:util';
import { messageOf } from '../errors/printable.js';
import { warnOnce } from '../errors/warn-once.js';

/*
 * How Express ends what none of its middleware has answered, or has failed at: by its `finalhandler`, which it makes for
 * each request that comes without a callback. That `app.handle` does so, and then calls the router of the application,
 * is not of its documented surface. Read from express 4.22.3 and 5.3.0; `test/server/express-final.e2e-spec.ts` fails
 * where a new version differs.
 */

/** An Express application, as far as it is looked into. */
interface Application {
  handle(request: IncomingMessage, response: ServerResponse): void;
  get(setting: 'env'): unknown;
}

/** The messages as Express has them. */
interface Served {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

/** What Express calls at the end of its stack. Over HTTP/2 it is told of the messages that Express has. */
export type ExpressFinal = (error?: unknown, served?: Served) => void;

/** A listener that has an Express application behind it. */
export type ExpressListener = (
  request: IncomingMessage,
  response: ServerResponse,
  final?: ExpressFinal,
) => unknown;

type OnFailure = (error: unknown) => void;

/**
 * Has Express end a request in its own way, where its failures are caught. By itself it answers when the request is read,
 * on a turn of its own, and what throws there ends the process: headers of an error that hold what a client has sent, a
 * `Trailer` of the handler, a `setHeader` of middleware, an error that has no text.
 */
export function expressFinal(served: Served, failed: OnFailure): ExpressFinal {
  return (error, { request, response } = served) => {
    const end = (): void => {
      try {
        const { app } = request as { app?: Application };
        if (app === undefined) return failed(error);
        endBy(app, loggable(app, error), { request, response });
      } catch (failure) {
        failed(failure);
      }
    };
    try {
      // Nothing is answered once they are, and a handler may still read the request.
      if (response.headersSent) end();
      else whenRead(request, end);
    } catch (failure) {
      failed(failure);
    }
  };
}

/** Has the application do no more than what is at the end of its stack. */
function endBy(app: Application, error: unknown, { request, response }: Served): void {
  let isEnded = false;
  const handle = (_request: unknown, _response: unknown, done: (error: unknown) => void): void => {
    isEnded = true;
    done(error);
  };
  const router = { value: { handle } };
  // No header may be set once they are sent, and it was set before.
  const enabled = { value: () => false };
  const ending = Object.create(app, { router, _router: router, enabled }) as Application;
  app.handle.call(ending, request, response);
  if (isEnded) return;
  warnOnce(
    'This version of express does not end its stack as nestjs-http-pool knows it: errors are answered 500. Please report it',
    'HTTP_POOL_EXPRESS',
  );
  throw error;
}

/** Express logs it on a turn of its own. */
function loggable(app: Application, error: unknown): unknown {
  if (!error || app.get('env') === 'test') return error;
  try {
    const { stack } = error as Error;
    inspect(stack ? error : (error as Error).toString());
    return error;
  } catch {
    return new Error(messageOf(error));
  }
}

/** As `finalhandler` waits for it: only then it answers at once. */
function whenRead(request: IncomingMessage, answer: () => void): void {
  const { socket, complete, readable } = request;
  if (!socket?.readable || (complete && !readable)) return answer();
  const events = ['end', 'close', 'error'];
  const over = (): void => {
    for (const event of events) request.off(event, over);
    answer();
  };
  for (const event of events) request.on(event, over);
  request.unpipe();
  request.resume();
}
