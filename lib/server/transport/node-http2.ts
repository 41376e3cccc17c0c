import type { Socket } from 'node:net';

/*
 * What is read of Node's sockets beneath an HTTP/2 session beyond their documented surface, read from
 * `stream_base_commons.js` and seen on Node 20.20, 22.23, 24.21 and 26.10; the canary test beside
 * this file fails by name where it is gone.
 */

/** Bytes that wait for the peer to read; undefined where Node does not tell. */
export function unsentBytes(socket: Socket): number | undefined {
  return (socket as { _handle?: { writeQueueSize?: number } | null })._handle?.writeQueueSize;
}
