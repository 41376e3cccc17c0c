import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';

/** Takes over the socket of a request that upgrades, or of a `CONNECT`. */
export type SocketListener = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;

/** Told of what a client sent that is no HTTP, and of a connection that broke; it ends the socket. */
export type ClientErrorListener = (error: Error, socket: Duplex) => void;

/**
 * All that a server can hand on to: requests, and the two kinds of request that take the socket
 * over. What is left out keeps Node's own answer: an upgrade becomes an ordinary request, a
 * `CONNECT` is closed.
 *
 * @see https://nodejs.org/docs/latest-v20.x/api/http.html#event-upgrade
 */
export interface Handler {
  readonly request: RequestListener;
  readonly upgrade?: SocketListener | undefined;
  readonly connect?: SocketListener | undefined;
  readonly checkContinue?: RequestListener | undefined;
  /** For an `Expect` that is not `100-continue`, which is answered 417 without. */
  readonly checkExpectation?: RequestListener | undefined;
  /** Node answers 400 without, or 408 or 431. Not told of TLS on a plain server, which is answered 400. */
  readonly clientError?: ClientErrorListener | undefined;
  /**
   * True where an Express application stands behind the listener, which can't be seen from it. On a
   * server with `protocol: 'http2'` it is then given requests of HTTP/2 in the form of HTTP/1.
   *
   * @defaultValue true for an Express application itself
   */
  readonly express?: boolean | undefined;
}

/** Those of a {@link Handler} that may be left out. */
export const OPTIONAL_LISTENERS = [
  'upgrade',
  'connect',
  'checkContinue',
  'checkExpectation',
  'clientError',
] as const;

/** One entry of the registry: a plain listener, an Express application, or a {@link Handler}. */
export type HandlerEntry = RequestListener | Handler;

/**
 * The registry `handlerKey` picks from: a function that returns the listeners by key. It is called
 * once, when it is set, so it may create what it returns; set it again to have it called again.
 * `''` and `'default'` are the same key.
 */
export type HandlerSource = () => Record<string, HandlerEntry>;

/** An Express application is marked as one, for it can't be seen any more once it is wrapped. */
export function toHandler(entry: HandlerEntry): Handler {
  if (typeof entry !== 'function') return entry;
  return isExpressApplication({ request: entry })
    ? { request: entry, express: true }
    : { request: entry };
}

/** Answers 500: the server's key has no handler, which is the operator's fault, not the client's. */
export const missingHandler: Handler = {
  request(_request: IncomingMessage, response: ServerResponse): void {
    response.writeHead(500, { 'Content-Type': 'text/plain; charset=utf-8' });
    response.end('This server has no handler.\n');
  },
};

/**
 * Whether a handler takes messages of HTTP/1 only. Express sets its own HTTP/1 prototypes on each
 * request, and one of HTTP/2 that is treated so throws outside every handler.
 *
 * @see https://github.com/expressjs/express/issues/3388
 */
export function isExpressApplication(handler: Handler): boolean {
  if (handler.express !== undefined) return handler.express;
  const { request } = handler as {
    request: { handle?: unknown; request?: unknown; response?: unknown };
  };
  return (
    typeof request.handle === 'function' &&
    typeof request.request === 'object' &&
    typeof request.response === 'object'
  );
}
