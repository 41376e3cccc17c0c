import {
  constants,
  Http2ServerResponse,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2';
import type { Socket } from 'node:net';
import { handleOf } from './node-handle.js';

/*
 * What is read of Node's sockets and streams beyond their documented surface, read from
 * `stream_base_commons.js`, `internal/http2/core.js` and `internal/http2/compat.js`, and seen on Node 20.20, 22.23, 24.21 and 26.12; the canary test beside
 * this file fails by name where it is gone.
 */

/** Bytes that wait for the peer to read; undefined of a socket that is gone, and where Node does not tell. */
export function unsentBytes(socket: Socket): number | undefined {
  return handleOf(socket)?.writeQueueSize;
}

/** Bytes that the system has taken of what was written; undefined as above. */
export function takenBytes(socket: Socket): number | undefined {
  const handle = handleOf(socket);
  return handle && handle.bytesWritten - handle.writeQueueSize;
}

/**
 * Counts what a client sends on a stream from now on, which Node tells when the stream is over. The
 * parser gives each piece to `push`.
 *
 * @returns tells how many bytes have come
 */
export function countReceived(stream: ServerHttp2Stream): () => number {
  const push = stream.push.bind(stream);
  let received = 0;
  stream.push = (chunk: Buffer | null, encoding) => {
    received += chunk?.length ?? 0;
    return push(chunk, encoding);
  };
  return () => received;
}

/**
 * The stream of an answer, by Node's own getter of the prototype: what a handler has put in its place may throw. A Node
 * without that getter keeps it on the answer.
 */
export function streamOf(response: Http2ServerResponse): ServerHttp2Stream {
  const stream = Reflect.get(Http2ServerResponse.prototype, 'stream', response) as unknown;
  return (stream ?? response.stream) as ServerHttp2Stream;
}

/** Ends a session with all its streams at once, and tells why by the code of its GOAWAY. */
export function breakOffSession(
  session: ServerHttp2Session,
  code: number = constants.NGHTTP2_NO_ERROR,
): void {
  // Where the error is undefined, Node takes the code for 0, whatever is given beside it.
  session.destroy(null as unknown as undefined, code);
}
