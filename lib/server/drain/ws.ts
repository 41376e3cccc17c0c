import type { Socket } from 'node:net';
import { warnOnce } from '../../errors/warn-once.js';

/*
 * What is read of the package `ws` beyond its documented surface, read from `lib/websocket.js` of 8.23.0; socket.io
 * is built on it, too. The canary test beside this file fails by name where a version lacks it.
 */

/** A WebSocket of `ws`, as far as it is used: this much of it is documented. */
interface WebSocket {
  readonly readyState: number;
  close(code: number): void;
  terminate(): void;
}

const OPEN = 1;

/** What `ws` calls the symbol that it files a WebSocket under, which it does not export. */
const symbolName = 'websocket';

/** The open WebSocket that `ws` has made of a socket: it is filed on the socket, and known by its shape. */
export function openWebSocketOn(socket: Socket): WebSocket | undefined {
  const values = socket as unknown as Record<symbol, unknown>;
  const symbols = Object.getOwnPropertySymbols(socket);
  const found = symbols.map((symbol) => values[symbol]).find(isWebSocket);
  if (found) return found.readyState === OPEN ? found : undefined;
  const named = symbols.find(({ description }) => description === symbolName);
  // `ws` clears it when the WebSocket is closed.
  if (named !== undefined && values[named] !== undefined) {
    sayUnfamiliar(
      'WebSockets as nestjs-http-pool does not know it: a stop cuts them when its grace runs out, and does not close them before.',
    );
  }
  return undefined;
}

/** The socket beneath a WebSocket of `ws`; undefined for what is none. */
export function socketBeneath(webSocket: unknown): unknown {
  if (!isWebSocket(webSocket)) return undefined;
  if (!('_socket' in webSocket)) {
    sayUnfamiliar(
      'sockets as nestjs-http-pool does not know it: @Server() is undefined in a gateway.',
    );
    return undefined;
  }
  return webSocket._socket;
}

function isWebSocket(value: unknown): value is WebSocket {
  if (typeof value !== 'object' || value === null) return false;
  const { readyState, close, terminate } = value as Partial<WebSocket>;
  return (
    typeof readyState === 'number' && typeof close === 'function' && typeof terminate === 'function'
  );
}

function sayUnfamiliar(how: string): void {
  warnOnce(
    `This version of ws keeps its ${how} Please report it to nestjs-http-pool`,
    'HTTP_POOL_WS',
  );
}
