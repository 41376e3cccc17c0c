import {
  validateHeaderName,
  validateHeaderValue,
  type OutgoingHttpHeader,
  type OutgoingHttpHeaders,
} from 'node:http';
import type { StreamResponse } from './stream-messages.js';

/**
 * Forbidden by HTTP/2: they speak of the connection, which is not the answer's.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9113#section-8.2.2
 */
const CONNECTION_FIELDS = [
  'connection',
  'keep-alive',
  'proxy-connection',
  'transfer-encoding',
  'upgrade',
  'http2-settings',
  'te',
];

/** In place of the text of a head. Called by `writeHead`, with the headers that it has put together. */
export function storeHeader(this: StreamResponse, _firstLine: string, fields: unknown): void {
  const headers = this.getHeaderNames().length > 0 ? this.getHeaders() : readHeaders(fields);
  for (const name in headers) {
    const value = headers[name];
    // Several lines are one with commas, but for cookies; some fields HTTP/2 takes in one line only.
    if (Array.isArray(value) && name !== 'set-cookie') headers[name] = value.join(', ');
  }
  claimStatus(this);
  const isFramed = 'content-length' in headers || 'transfer-encoding' in headers;
  for (const name of CONNECTION_FIELDS) if (name in headers) delete headers[name];
  if (!isFramed && this._hasBody && !this._removedContLen && !('trailer' in headers)) {
    if (typeof this._contentLength === 'number') headers['content-length'] = this._contentLength;
  }
  headers[':status'] = this.statusCode;
  this._http2.keepHead(headers);
  this._header = 'HTTP/2';
  this._headerSent = false;
}

/** Node throws for what it can't say over HTTP/2: a status below 200 or above 599. */
function claimStatus(response: StreamResponse): void {
  try {
    response._http2.original.statusCode = response.statusCode;
  } catch (error) {
    // `writeHead` took the body away from a status of 1xx; the answer to this error has one.
    response._hasBody = response._http2.request.method !== 'HEAD';
    response.statusMessage = '';
    throw error;
  }
}

/** Headers that were given to `writeHead` alone: by name, as a list of pairs, or as a flat list. */
function readHeaders(fields: unknown): OutgoingHttpHeaders {
  const headers = Object.create(null) as OutgoingHttpHeaders;
  for (const [name, value] of entriesOf(fields)) {
    validateHeaderName(name);
    validateHeaderValue(name, value as never);
    const key = name.toLowerCase();
    const before = headers[key];
    headers[key] =
      before === undefined ? value : ([] as string[]).concat(before as never, value as never);
  }
  return headers;
}

function entriesOf(fields: unknown): (readonly [string, OutgoingHttpHeader])[] {
  if (!Array.isArray(fields)) return Object.entries((fields ?? {}) as OutgoingHttpHeaders) as never;
  if (Array.isArray(fields[0])) return fields as [string, OutgoingHttpHeader][];
  if (fields.length % 2 !== 0) {
    throw Object.assign(new TypeError("The argument 'headers' is invalid"), {
      code: 'ERR_INVALID_ARG_VALUE',
    });
  }
  const pairs: [string, OutgoingHttpHeader][] = [];
  for (let index = 0; index < fields.length; index += 2)
    pairs.push([fields[index], fields[index + 1]]);
  return pairs;
}

/** What `addTrailers` has written down, with all values of a name, as a head has them. */
export function trailersOf(lines: string): OutgoingHttpHeaders {
  const trailers = Object.create(null) as Record<string, string | string[]>;
  for (const line of lines.split('\r\n')) {
    const colon = line.indexOf(':');
    const name = line.slice(0, colon).toLowerCase();
    if (colon < 1 || CONNECTION_FIELDS.includes(name)) continue;
    const value = line.slice(colon + 2);
    const before = trailers[name];
    if (before === undefined) trailers[name] = value;
    else
      trailers[name] =
        name === 'set-cookie' ? [before, value].flat() : `${before as string}, ${value}`;
  }
  return trailers;
}

/** Hints without the fields that HTTP/2 forbids. */
export function hintsOf(hints: Record<string, string | string[]>): typeof hints {
  const allowed = Object.entries(hints).filter(
    ([name]) => !CONNECTION_FIELDS.includes(name.toLowerCase()),
  );
  return Object.fromEntries(allowed);
}
