import { IncomingMessage } from 'node:http';
import { constants, type Http2ServerRequest, type ServerHttp2Stream } from 'node:http2';
import type { Socket } from 'node:net';
import type { StreamRequest } from './stream-messages.js';

/**
 * A request that came by HTTP/2 as one of HTTP/1: a true `IncomingMessage`, which keeps what it
 * knows in itself. So it stays whole when a framework sets another prototype on it, as Express does
 * for each request and each mounted application.
 */
export function streamRequest(original: Http2ServerRequest, socket: Socket): StreamRequest {
  const { stream } = original;
  const request = new IncomingMessage(socket) as StreamRequest;
  request.httpVersionMajor = 2;
  request.httpVersionMinor = 0;
  request.httpVersion = '2.0';
  request.method = original.method;
  request.url = original.url;
  request.upgrade = false;
  request.stream = stream;
  request.authority = original.authority;
  request.scheme = original.scheme;
  // Node's own ones read from a socket, and are the prototype's.
  request._read = read;
  request._destroy = destroy;
  const fields = fieldsOf(original, stream);
  request._addHeaderLines(fields, fields.length);
  if (stream.endAfterHeaders) {
    complete(request);
  } else {
    stream.on('trailers', (_trailers, _flags, ...rest: unknown[]) =>
      takeTrailers(request, rest[0] as string[]),
    );
    stream.on('end', () => onEnd(request));
  }
  return request;
}

/**
 * The stream has closed. A request that is not answered is aborted; one that came whole is left to who
 * reads it; and what nobody reads has come to its end, for Node closes a stream that is answered.
 */
export function endRequest(request: StreamRequest, { isAnswered }: { isAnswered: boolean }): void {
  if (request.destroyed || (isAnswered && request.complete)) return;
  // Nothing can be told of it, nor by it.
  if (Object.isFrozen(request)) return;
  if (isAnswered && !request._consuming) {
    complete(request);
    request._dump();
  } else {
    // As Node's HTTP/1 server says it.
    request.destroy(Object.assign(new Error('aborted'), { code: 'ECONNRESET' }));
  }
}

/**
 * The fields of the head as HTTP/1 has them. `:authority` is the host, whatever else a `host` beside
 * it says: two hosts are how requests are smuggled. A body of unknown length is told by
 * `transfer-encoding`, which HTTP/2 forbids its clients to send: body parsers look for nothing else,
 * and without it they would leave the body out.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9113#section-8.3.1
 */
function fieldsOf(
  { rawHeaders, authority, headers }: Http2ServerRequest,
  stream: ServerHttp2Stream,
): string[] {
  const fields: string[] = [];
  const named = headers[':authority'] !== undefined;
  if (named) fields.push('host', authority);
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] as string;
    if (name.startsWith(':') || (named && name === 'host')) continue;
    // HTTP/1's parser has trimmed what it gives.
    fields.push(name, (rawHeaders[index + 1] as string).trim());
  }
  if (!stream.endAfterHeaders && headers['content-length'] === undefined) {
    fields.push('transfer-encoding', 'chunked');
  }
  return fields;
}

function complete(request: StreamRequest): void {
  request.complete = true;
  request.push(null);
}

function read(this: StreamRequest): void {
  const { stream } = this;
  if (!this._consuming) {
    this._readableState.readingMore = false;
    this._consuming = true;
    if (!this.complete) stream.on('data', (chunk: Buffer) => this.push(chunk) || stream.pause());
  } else if (!stream.destroyed) {
    stream.resume();
  }
}

function takeTrailers(request: StreamRequest, fields: string[]): void {
  request.complete = true;
  request._addHeaderLines(fields, fields.length);
}

/** Node ends a stream that was reset as it ends a whole one: half a body must not pass for the whole. */
function onEnd(request: StreamRequest): void {
  const { aborted, rstCode } = request.stream;
  if (!aborted && rstCode === constants.NGHTTP2_NO_ERROR) complete(request);
}

/** As over HTTP/1: one that is not read to its end is aborted, and takes its answer with it. */
function destroy(
  this: StreamRequest,
  error: Error | null,
  done: (error?: Error | null) => void,
): void {
  if (!this.readableEnded || !this.complete) {
    this.aborted = true;
    this.emit('aborted');
    // A handler may have taken its socket off.
    (this.socket as Socket | null)?.destroy();
  }
  process.nextTick(() => done(this.listenerCount('error') > 0 ? error : null));
}
