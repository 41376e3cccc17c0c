import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2';
import type { ExpressListener } from '../express-final.js';
import type { Handler } from '../handler.js';
import { linkServed } from './stream-messages.js';
import { streamRequest } from './stream-request.js';
import { streamResponse } from './stream-response.js';
import { streamSocket } from './stream-socket.js';

/** A handler is replaced, never changed, and its servers compare what they serve with. */
const known = new WeakMap<Handler, Handler>();

/**
 * A handler that knows HTTP/1 only, such as an Express application, for a server of both protocols:
 * it is given requests of HTTP/2 in the form of HTTP/1. Those of HTTP/1 are handed on as they are.
 */
export function overHttp2(handler: Handler): Handler {
  let adapted = known.get(handler);
  if (adapted === undefined) {
    const { request, checkContinue, checkExpectation } = handler;
    adapted = {
      ...handler,
      // It can't be seen any more.
      express: true,
      request: adapt(request, handler),
      ...(checkContinue && { checkContinue: adapt(checkContinue, handler) }),
      ...(checkExpectation && { checkExpectation: adapt(checkExpectation, handler) }),
    };
    known.set(handler, adapted);
  }
  return adapted;
}

function adapt(listener: ExpressListener, handler: Handler): RequestListener {
  const adapted: ExpressListener = (request, response, final) => {
    if (request.httpVersionMajor < 2) return listener.call(handler, request, response, final);
    const [incoming, outgoing] = http1Pair(
      request as unknown as Http2ServerRequest,
      response as unknown as Http2ServerResponse,
    );
    const served = { request: incoming, response: outgoing };
    const finalOfPair = final && ((error?: unknown) => final(error, served));
    return listener.call(handler, incoming, outgoing, finalOfPair);
  };
  return adapted;
}

function http1Pair(
  request: Http2ServerRequest,
  response: Http2ServerResponse,
): [IncomingMessage, ServerResponse & { req: IncomingMessage }] {
  const socket = streamSocket(request);
  const incoming = streamRequest(request, socket);
  linkServed(request, incoming);
  return [incoming, streamResponse(incoming, response, socket) as never];
}
