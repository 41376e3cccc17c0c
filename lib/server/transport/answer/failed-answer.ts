import type { ServerResponse } from 'node:http';
import { Http2ServerResponse, type ServerHttp2Stream } from 'node:http2';
import { breakOff } from './break-off.js';
import { closeHeader } from './say-close.js';

/** What middleware is used to put something of its own in the place of. */
const patched = ['writeHead', 'write', 'end', 'setHeader', 'removeHeader', 'getHeaderNames'];

/**
 * Ends an answer whose handler failed: with 500 where nothing was sent, and with nothing of what the
 * handler had set. Its `Content-Length` would make the client read the next answer as the body of
 * this one, its `Cache-Control` would keep a failure in caches. What the handler or its middleware
 * put in the place of the response's own methods is not called: it may fail as well, or wait.
 *
 * Never throws.
 */
export function answerFailure(response: ServerResponse): void {
  try {
    if (response.writableEnded) return;
    if (response.headersSent) return breakOff(response);
    const headers = { 'Content-Length': '0', ...closeHeader(response) };
    for (const name of patched) Reflect.deleteProperty(response, name);
    for (const name of response.getHeaderNames()) response.removeHeader(name);
    if (response instanceof Http2ServerResponse) {
      dropTrailers(response.stream as ServerHttp2Stream);
      response.writeHead(500, headers);
    } else {
      // With it the end of a chunked body would be sent, which nobody expects.
      response.chunkedEncoding = false;
      response.writeHead(500, 'Internal Server Error', headers);
    }
    response.end();
    dropWhatFollows(response);
  } catch {
    breakOff(response);
  }
}

/** With nobody to give them, Node sends none. */
function dropTrailers(stream: ServerHttp2Stream): void {
  stream.removeAllListeners('wantTrailers');
}

/** A part of the handler may write on, for it does not know that another part has failed. */
function dropWhatFollows(response: ServerResponse): void {
  const tell = (args: unknown[]): void => {
    const written = args.at(-1);
    if (typeof written === 'function') process.nextTick(written as () => void);
  };
  response.write = (...args: unknown[]) => {
    tell(args);
    return true;
  };
  response.end = (...args: unknown[]) => {
    tell(args);
    return response;
  };
}
