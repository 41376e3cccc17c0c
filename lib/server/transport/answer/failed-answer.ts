import type { ServerResponse } from 'node:http';
import { Http2ServerResponse } from 'node:http2';
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
    if (response instanceof Http2ServerResponse) response.writeHead(500, headers);
    else response.writeHead(500, 'Internal Server Error', headers);
    response.end();
  } catch {
    breakOff(response);
  }
}
