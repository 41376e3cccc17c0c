import { ServerResponse, type IncomingMessage } from 'node:http';
import type { Http2ServerResponse } from 'node:http2';
import type { Socket } from 'node:net';
import type { Callback, SocketInternals } from './internals.js';
import { writeContinue, writeEarlyHints, writeProcessing } from './informational.js';
import { storeHeader, trailersOf } from './response-head.js';
import { tellClosed } from '../tell-closed.js';
import { StreamAnswer, type StreamRequest, type StreamResponse } from './stream-messages.js';
import { endRequest } from './stream-request.js';

/** Node's own steps, which are called whatever prototype the response has by then. */
const steps = ServerResponse.prototype as unknown as StreamResponse & { end: Callback };

/**
 * The response to a stream of HTTP/2 as one of HTTP/1: a true `ServerResponse`, of which the last
 * steps are replaced, the writing of the head and of the body. All in front of them is Node's own
 * code for HTTP/1: what a handler may do, in which order, and which errors it meets.
 */
export function streamResponse(
  request: StreamRequest,
  http2: Http2ServerResponse,
  socket: Socket,
): StreamResponse {
  const { stream } = http2;
  const response = new ServerResponse(request as IncomingMessage) as unknown as StreamResponse;
  response.stream = stream;
  response._http2 = new StreamAnswer(http2, request, socket);
  // Node takes both from a request below 1.1, which 2.0 is for it.
  response.useChunkedEncodingByDefault = true;
  response.shouldKeepAlive = true;
  response.writeHead = writeHead as StreamResponse['writeHead'];
  response._storeHeader = storeHeader;
  response._send = send;
  response._finish = finish;
  response.end = end as StreamResponse['end'];
  response.writeContinue = writeContinue;
  response.writeProcessing = writeProcessing;
  response.writeEarlyHints = writeEarlyHints;
  attach(response, socket);
  response.on('finish', onResponseFinish);
  // Whoever listens for those of the answer itself has those of this form of it as well.
  response.on('error', (error) => http2.emit('error', error));
  stream.on('finish', () => onStreamFinish(response));
  stream.on('close', () => onStreamClose(response));
  return response;
}

function attach(response: StreamResponse, socket: Socket): void {
  (socket as unknown as SocketInternals)._httpMessage = response;
  response.socket = socket;
}

/**
 * Node's, but for the status message: HTTP/2 has none, so none can be wrong. Node's throws for one with a line feed,
 * say, and again in whoever answers the error: Express does so where nobody would catch it.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9113#section-8.3.2
 */
function writeHead(this: StreamResponse, ...args: unknown[]): unknown {
  const message = typeof args[1] === 'string' ? args.splice(1, 1)[0] : this.statusMessage;
  this.statusMessage = '';
  try {
    return Reflect.apply(steps.writeHead, this, args);
  } finally {
    if (message) this.statusMessage = message as string;
  }
}

/** Node's, which tells by no argument of {@link send} that what it sends is the last. */
function end(this: StreamResponse, ...args: unknown[]): unknown {
  const { _http2: answer } = this;
  // Without a socket Node would wait for one, and the stream has no other.
  if (!this.socket && !answer.isAnswered) attach(this, answer.socket);
  answer.beginEnd();
  try {
    return Reflect.apply(steps.end, this, args);
  } finally {
    answer.endReturned();
  }
}

/** In place of bytes on a socket. */
function send(
  this: StreamResponse,
  data: string | Uint8Array,
  encoding?: BufferEncoding | null,
  callback?: Callback,
): boolean {
  const { stream, _http2: answer } = this;
  // Node sends an empty text at the end, to learn when all is handed to the system.
  const isEnd = answer.isEnding && data === '';
  if (isEnd) answer.onceFlushed(callback);
  if (stream.destroyed || stream.closed) return false;
  // A handler that has failed writes on: it was answered in its place.
  const isOver = !this._headerSent && stream.headersSent;
  if (!this._headerSent && !isOver) sendHead(this, isEnd);
  if (isEnd) return true;
  if (data.length === 0 || isOver || stream.writableEnded) {
    if (callback) process.nextTick(callback);
    return true;
  }
  if (stream.write(data, encoding as BufferEncoding, callback)) return true;
  if (!answer.awaitDrain()) stream.on('drain', () => onDrain(this));
  return false;
}

function sendHead(response: StreamResponse, isEnd: boolean): void {
  const headers = response._http2.takeHead();
  const { _hasBody: hasBody, _trailer: trailer, sendDate } = response;
  response._headerSent = true;
  // An answer of a known length has none over HTTP/1, and Node's waiting for them costs frames.
  const isOpen = hasBody && !isEnd && !('content-length' in headers);
  const waitForTrailers = isOpen || (hasBody && trailer !== '');
  const endStream = !waitForTrailers && (isEnd || !hasBody);
  response.stream.respond(headers, { endStream, waitForTrailers, sendDate } as object);
}

/** The last step of `end`. */
function finish(this: StreamResponse): void {
  steps._finish.call(this);
  const { stream, _http2: answer } = this;
  if (this._trailer !== '') answer.original.addTrailers(trailersOf(this._trailer));
  answer.original.end();
  // A head that was flushed alone, as the answer to HEAD, may have finished the stream long ago.
  if (stream.writableFinished) process.nextTick(onStreamFinish, this);
}

function onDrain(response: StreamResponse): void {
  if (response.finished || !response.writableNeedDrain) return;
  // Nothing to write: it has Node take back that it needs a drain, and tell it.
  response.outputData.push({ data: '', encoding: 'latin1', callback: () => undefined });
  response._flush();
}

function onStreamFinish({ _http2: answer }: StreamResponse): void {
  answer.flushed();
}

/** As Node's HTTP/1 server does when an answer is handed to the system. */
function onResponseFinish(this: StreamResponse): void {
  const { _http2: answer } = this;
  const { request, socket } = answer;
  answer.answered();
  (socket as unknown as SocketInternals)._httpMessage = null;
  // Not by an assignment, here and below, which throws where a handler has frozen it.
  Reflect.set(this, 'socket', null);
  if (request.complete && !request._consuming && !Object.isFrozen(request)) request._dump();
  process.nextTick(emitClose, this);
}

function onStreamClose(response: StreamResponse): void {
  const { _http2: answer } = response;
  endRequest(answer.request, answer);
  emitClose(response);
  // Node's own leaves it open for ever when the client has gone before an answer to HEAD.
  if (!response.finished) answer.original.end();
}

function emitClose(response: StreamResponse): void {
  if (response._closed || !response._http2.close()) return;
  Reflect.set(response, 'destroyed', true);
  Reflect.set(response, '_closed', true);
  tellClosed(response as unknown as ServerResponse);
}
