import type { Socket } from 'node:net';
import type { ServerSettings } from '../../../config/server-settings.js';
import type { ProxySource } from '../../../proxy-protocol/proxy-header.js';
import { isTrusted } from '../../../proxy-protocol/trusted-proxies.js';
import { peerAddressOf } from '../node/node-handle.js';

/** What goes along with a connection of plain HTTP/1 to the process that serves it from here on. */
export interface MovedConnection {
  /** It has sent bytes before: what comes next is a request, and no PROXY header. */
  readonly hasAsked: boolean;
  /** Who its PROXY header said that the client is. */
  readonly client?: ProxySource | undefined;
  /** Who sent that header; undefined on a unix socket. */
  readonly proxy?: string | undefined;
  /** Requests that were counted for `keepAliveMaxRequests`. */
  readonly requests: number;
  /** How long it has been open, for `keepAliveMaxTime`. */
  readonly ageMs: number;
}

/** What of a connection its facts are read from. */
interface Movable {
  readonly socket: Socket;
  readonly openedAt: number;
  readonly requests: number;
  readonly moved?: MovedConnection | undefined;
}

export function factsOf({ socket, openedAt, requests, moved }: Movable): MovedConnection {
  const isProxied = Object.hasOwn(socket, 'remoteAddress');
  const { remoteAddress: address, remotePort: port, remoteFamily: family } = socket;
  return {
    hasAsked: socket.bytesRead > 0 || moved?.hasAsked === true,
    ...(isProxied && {
      client: { address, port, family } as ProxySource,
      // The property of its own says who the client is.
      proxy: peerAddressOf(socket),
    }),
    requests,
    ageMs: Math.floor(performance.now()) - openedAt,
  };
}

/** Undefined for what another version of this package tells in another form. */
export function readMoved(told: object): MovedConnection | undefined {
  const moved = told as Partial<MovedConnection>;
  const { hasAsked, client, requests, ageMs } = moved;
  const isWhole =
    typeof hasAsked === 'boolean' &&
    typeof requests === 'number' &&
    typeof ageMs === 'number' &&
    (client === undefined || typeof client?.address === 'string');
  return isWhole ? (moved as MovedConnection) : undefined;
}

/** Whether a server with these settings would have come to the same connection by itself. */
export function mayAdopt(moved: MovedConnection, settings: ServerSettings): boolean {
  const { protocol, keepAlive, proxyProtocol } = settings;
  if (protocol !== 'http1' || keepAlive.disabled) return false;
  const { hasAsked, client, proxy } = moved;
  if (!hasAsked) return true;
  const { mode, trustedProxies } = proxyProtocol;
  if (client === undefined) return mode !== 'required';
  return mode !== 'off' && isTrusted(trustedProxies, proxy);
}
