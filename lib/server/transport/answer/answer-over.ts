import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ServerHttp2Stream } from 'node:http2';
import type { Duplex } from 'node:stream';
import { findConnection } from '../connection/connection.js';
import { isSendingFile } from '../node/node-http2.js';
import { http2StreamOf } from './http2-stream.js';

/**
 * Whether an answer is handed to the system, or can no longer be, as can be seen at any time: a handler may have removed
 * the listeners that {@link whenOver} is told by, or answered on the socket itself.
 *
 * @param carrier The socket, or the stream of HTTP/2
 */
export function isBeyondAnswer(carrier: Duplex, response: ServerResponse): boolean {
  if (carrier.destroyed) return true;
  if (isSendingFile(carrier as ServerHttp2Stream)) return false;
  try {
    return response.writableFinished || response.destroyed || carrier.writableFinished;
  } catch {
    // Or put something in the place of what tells it.
    return false;
  }
}

/** The same of a stream of HTTP/2, whatever its answer says. */
export function isStreamAnswered(stream: ServerHttp2Stream): boolean {
  return stream.destroyed || (stream.writableFinished && !isSendingFile(stream));
}

/**
 * Calls back once, when an answer is handed to the system whole or can no longer be, however its
 * connection ends. 'close' alone tells too little: of an answer that waits in a pipeline Node 20 and
 * 22 never emit it when the connection is gone; of a stream whose client does not end its side
 * it comes when the session ends, and never to the answer to a HEAD whose client has left.
 *
 * @returns tells it now
 */
export function whenOver(
  request: IncomingMessage,
  response: ServerResponse,
  tell: () => void,
): () => void {
  const stream = http2StreamOf(response);
  const connection = stream ? undefined : findConnection(request);
  let isOver = false;
  const over = (): void => {
    if (isOver) return;
    isOver = true;
    connection?.forget(over);
    tell();
  };
  // Not `once`, which makes a function and an object more: this is done for each request.
  const answer = stream ?? response;
  answer.on('finish', stream ? () => isSendingFile(stream) || over() : over);
  if (connection?.isPipelined(response)) connection.onceGone(over);
  else answer.on('close', over);
  return over;
}
