import { Socket } from 'node:net';
import { warnOfNode } from '../../../errors/warn-once.js';

/*
 * What is used of Node's handle beneath a socket beyond its documented surface, read from `net.js`,
 * `_http_server.js` and `internal/child_process.js` of Node 20.20, 22.23, 24.21 and 26.12; the canary
 * test beside this file fails by name where it is gone.
 */

/** The system's side of a socket. Sent to another process as it is, it stays open here as well. */
export interface SocketHandle {
  /** Bytes that come from here on wait in the system. */
  readStop(): void;
  readStart(): void;
  /** Whether it reads, which Node's socket keeps here. */
  reading?: boolean;
  /** All that was given to it to write. */
  readonly bytesWritten: number;
  /** Bytes that are not handed to the system yet. */
  readonly writeQueueSize: number;
}

/** Undefined of a socket that is gone, and on a Node that keeps it elsewhere, which is said once. */
export function handleOf(socket: Socket): SocketHandle | undefined {
  const { _handle: handle } = socket as { _handle?: Partial<SocketHandle> | null };
  if (handle === null) return undefined;
  if (isKnown(handle)) return handle;
  warnOfNode(
    "keeps the system's side of a socket as nestjs-http-pool does not know it: clients that read too slowly are not " +
      'cut, and idle connections stay with the worker that leaves',
  );
  return undefined;
}

/** Reads on though the buffer of the socket is full; it stops by itself as `push` says. */
export function readMore(socket: Socket): void {
  const handle = handleOf(socket);
  // One that reads must not be told so again: that is an error, and the end of the socket.
  if (handle?.reading !== false) return;
  handle.reading = true;
  handle.readStart();
}

function isKnown(handle: Partial<SocketHandle> | undefined): handle is SocketHandle {
  return (
    typeof handle?.readStop === 'function' &&
    typeof handle.readStart === 'function' &&
    typeof handle.bytesWritten === 'number' &&
    typeof handle.writeQueueSize === 'number'
  );
}

/**
 * The address at the other end, by Node's own getter of the prototype, though the socket has a property of that name
 * of its own; undefined on a unix socket.
 */
export function peerAddressOf(socket: Socket): string | undefined {
  if (!('remoteAddress' in Socket.prototype)) {
    warnOfNode(
      'keeps the address of a peer elsewhere than nestjs-http-pool looks for it: connections that came by the PROXY ' +
        'protocol stay with the worker that leaves',
    );
  }
  return Reflect.get(Socket.prototype, 'remoteAddress', socket) as string | undefined;
}
