import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Handler } from './handler.js';
import { withoutOrigin } from './request-target.js';

/**
 * Answers every request with the way to the same path on another origin. Of the request it uses the
 * path and the query alone, so that no client can make it lead elsewhere.
 *
 * @param origin Asked for each request; undefined: there is none now, and the answer is 503
 */
export function redirectHandler(origin: () => string | undefined): Handler {
  const request = (request: IncomingMessage, response: ServerResponse): void => {
    const path = pathOf(request.url ?? '');
    if (path === undefined) return answer(response, 400);
    const target = origin();
    if (target === undefined) return answer(response, 503);
    const isRead = request.method === 'GET' || request.method === 'HEAD';
    answer(response, isRead ? 301 : 308, { Location: target + path });
  };
  return {
    request,
    // The client need not send what it was not asked for, or may: only the end of the connection is clear.
    checkContinue: (asked, response) => {
      response.shouldKeepAlive = false;
      request(asked, response);
    },
  };
}

function answer(response: ServerResponse, status: number, headers = {}): void {
  response.writeHead(status, { ...headers, 'Content-Length': '0' });
  response.end();
}

/** Undefined for a target that is no path: behind an origin it could name another host. */
function pathOf(target: string): string | undefined {
  // `OPTIONS *` asks of the server as a whole.
  const rest = target === '*' ? '/' : withoutOrigin(target);
  const path = rest.startsWith('?') ? `/${rest}` : rest;
  return path.startsWith('/') ? path.replace(/[^\x21-\x7e]/g, percentEncoded) : undefined;
}

/** A byte as Node gives it, a character of Latin-1. */
function percentEncoded(byte: string): string {
  return `%${byte.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`;
}
