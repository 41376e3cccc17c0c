import type { Socket } from 'node:net';
import type { Handler } from '../../handler/handler.js';
import { isThenable, whenRejected } from '../../handler/thenable.js';
import { destroySocket, writeTo } from './connection/own-methods.js';
import { answerOn } from './node/node-http1.js';
import { answeredTls, type WrongProtocolHost } from './wrong-protocol.js';

/** The transport that a client is at fault with. */
interface FailedTransport {
  readonly host: WrongProtocolHost;
  readonly handler: Handler;
}

const statuses: Readonly<Record<string, string>> = {
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
  HPE_CHUNK_EXTENSIONS_OVERFLOW: '413 Payload Too Large',
  ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
};

/** Ends a connection whose client is at fault, or has the handler do so. */
export function clientFailed(
  { host, handler }: FailedTransport,
  error: Error,
  socket: Socket,
): void {
  if (answeredTls(error, socket, host)) return;
  if (handler.clientError === undefined) return answerClientError(error, socket);
  try {
    const outcome: unknown = handler.clientError(error, socket);
    if (isThenable(outcome)) whenRejected(outcome, () => destroySocket(socket));
  } catch {
    // What it was to tell the client is lost, and so is the connection.
    destroySocket(socket);
  }
}

/**
 * Ends a connection whose client is at fault, as Node does it where nobody listens for 'clientError'.
 *
 * @see https://nodejs.org/api/http.html#event-clienterror
 */
function answerClientError(error: NodeJS.ErrnoException, socket: Socket): void {
  const status = statuses[error.code ?? ''] ?? '400 Bad Request';
  // Half an answer must not be followed by another one.
  if (socket.writable && !answerOn(socket)?.headersSent)
    writeTo(socket, `HTTP/1.1 ${status}\r\nConnection: close\r\n\r\n`);
  destroySocket(socket, error);
}
