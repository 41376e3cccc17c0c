import type { ServerResponse } from 'node:http';
import { constants, type Http2ServerResponse } from 'node:http2';
import type { Connection } from '../connection/connection.js';
import { destroySocket } from '../connection/own-methods.js';
import { http2StreamOf } from './http2-stream.js';
import { answerRaw } from './raw-answer.js';
import { tellStatus } from './tell-request.js';

/** How long a client has to read that it was too slow. */
const lastReadMs = 1000;

/**
 * Answers 408 in the place of a handler that still waits for its request, or breaks off what it has
 * begun to answer. The handler may yet come to its answer: it goes nowhere, and finds no fault.
 */
export function answerTimeout(connection: Connection, response: ServerResponse): void {
  if (http2StreamOf(response)) return answerStream(response as unknown as Http2ServerResponse);
  const { socket } = connection;
  if (response.headersSent) return destroySocket(socket);
  connection.refuseRequests();
  tellStatus(response, 408);
  answerRaw(socket, '408 Request Timeout');
  // A client that drips on would be waited for as one that still has to read its answer.
  const timer = setTimeout(() => destroySocket(socket), lastReadMs);
  socket.once('close', () => clearTimeout(timer));
}

/** What throws, or fails, behind an answer that was sent by others. */
const answering = [
  'setHeader',
  'appendHeader',
  'removeHeader',
  'flushHeaders',
  'writeHead',
  'writeContinue',
  'writeEarlyHints',
  'write',
];

function answerStream(response: Http2ServerResponse): void {
  const { stream } = response;
  if (stream.headersSent || stream.closed) return stream.close(constants.NGHTTP2_CANCEL);
  response.statusCode = 408;
  stream.respond({ ':status': 408, 'content-length': '0' }, { endStream: true });
  // Of its request, whose end Node reports as that of a whole one.
  for (const name of answering) Object.defineProperty(response, name, { value: () => response });
  stream.close(constants.NGHTTP2_NO_ERROR);
}
