import type { ServerHttp2Stream } from 'node:http2';
import type { Socket } from 'node:net';
import { handleOf } from './node-handle.js';

/*
 * What is read of Node's sockets and streams beyond their documented surface, read from
 * `stream_base_commons.js` and seen on Node 20.20, 22.23, 24.21 and 26.10; the canary test beside
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
