import type { Socket } from 'node:net';
import { findConnection } from './transport/connection/connection.js';
import type { PooledServer } from './pooled-server.js';

/**
 * The server that accepted a request: for middleware, guards, the `handleConnection` of a gateway,
 * and handlers without Nest. It is known from the socket, whatever the client says.
 *
 * @param request Of Node, Express, Fastify, or Node's HTTP/2 compatibility API
 * @returns undefined for a request that came by another way, such as `app.listen()`
 */
export function serverOf(request: { readonly socket: unknown }): PooledServer | undefined {
  // What is no HTTP has none, and a guard of a hybrid application meets it, too.
  const { socket } = (request as { readonly socket: Socket } | null | undefined) ?? {};
  return findConnection({ socket: socket as Socket })?.owner as PooledServer | undefined;
}
