import type { ServerResponse } from 'node:http';
import { Http2ServerResponse, type ServerHttp2Stream } from 'node:http2';
import { streamOf } from '../node/node-http2.js';

/** The stream that an answer goes by; undefined over HTTP/1, though a handler may call something of its own so. */
export function http2StreamOf(response: ServerResponse): ServerHttp2Stream | undefined {
  return response instanceof Http2ServerResponse ? streamOf(response) : undefined;
}
