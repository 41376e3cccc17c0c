import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';

/*
 * What is read of Node's TLS beyond its documented surface, read from `_tls_wrap.js` of Node 20.20,
 * 22.23, 24.21 and 26.10; the canary test beside this file fails by name where it is gone.
 */

/** The socket that was accepted, beneath the one that a server of Node's makes of it. */
export function acceptedSocketOf(socket: TLSSocket): Socket | undefined {
  return (socket as { _parent?: Socket })._parent;
}
