import type { IncomingMessage } from 'node:http';
import { constants } from 'node:http2';
import type { Socket } from 'node:net';
import type { Connection } from '../transport/connection.js';
import { lingeringClose } from '../transport/linger.js';

/** The server goes away, not the conversation: clients that connect again find another one. */
const GOING_AWAY = 1001;

const OPEN = 1;

/** How often clients are looked for whose handshake was under way when the drain began. */
const sweepMs = 100;

/** A WebSocket of the package `ws`, which socket.io is built on too. */
interface WebSocket {
  readonly readyState: number;
  close(code: number): void;
  terminate(): void;
}

/** A request that engine.io has read: the transport of socket.io. */
interface EngineRequest extends IncomingMessage {
  readonly _query?: { readonly transport?: string; readonly sid?: string };
}

/**
 * Closes those connections whose clients wait for the server to say something, and would wait until
 * the grace cuts them; and those that come to do so, until the returned function is called. WebSockets are
 * closed with 1001; long polls of socket.io and server-sent events are ended as if the client had left:
 * their clients ask again, and a handler meets nothing that it does not meet every day.
 *
 * The close frame is left to the package that took the socket over: it alone knows whether one of
 * its frames is half written, or still to be compressed, and it must send no data after the close. A
 * frame of ours on the bare socket could land within a frame of a proxied tunnel. What was upgraded
 * by another package is therefore left alone.
 *
 * @see https://www.rfc-editor.org/rfc/rfc6455#section-7.4.1
 */
export function closePushClients(connections: () => Iterable<Connection>, paceMs = 0): () => void {
  const end = performance.now() + paceMs;
  const sweep = (): void => {
    const leave: (() => void)[] = [];
    for (const connection of connections()) {
      if (mayWait(connection)) leave.push(...waysToLeave(connection));
    }
    const leftMs = end - performance.now();
    const share = leftMs <= sweepMs ? 1 : sweepMs / leftMs;
    for (const each of leave.slice(0, Math.ceil(leave.length * share))) each();
  };
  sweep();
  const timer = setInterval(sweep, sweepMs);
  return () => clearInterval(timer);
}

/** Most are idle, which is told by a look: there may be thousands of them. */
function mayWait({ kind, inFlight }: Connection): boolean {
  return kind === 'http1' || kind === 'http2' ? inFlight > 0 : kind === 'upgraded';
}

/** How those who are pushed to on a connection are made to leave, one function for each. */
function waysToLeave(connection: Connection): (() => void)[] {
  const { kind, socket } = connection;
  if (kind === 'upgraded') {
    const webSocket = webSocketOn(socket);
    return webSocket ? [() => webSocket.close(GOING_AWAY)] : [];
  }
  if (kind === 'http2') {
    const streams = [...connection.streams]
      .map(({ stream }) => stream)
      .filter(({ closed, sentHeaders }) => !closed && isEventStream(sentHeaders?.['content-type']));
    return streams.map((stream) => () => stream.close(constants.NGHTTP2_NO_ERROR));
  }
  if (socket.writableEnded) return [];
  return isPolled(connection) || isStreamed(connection) ? [() => lingeringClose(socket)] : [];
}

function isStreamed({ current }: Connection): boolean {
  return current?.headersSent === true && isEventStream(current.getHeader('content-type'));
}

/** @see https://html.spec.whatwg.org/multipage/server-sent-events.html */
function isEventStream(type: unknown): boolean {
  return typeof type === 'string' && /^text\/event-stream\b/i.test(type);
}

/** `ws` keeps its WebSocket on the socket, under a symbol of its own: known by its shape. */
function webSocketOn(socket: Socket): WebSocket | undefined {
  const values = socket as unknown as Record<symbol, unknown>;
  const keys = Object.getOwnPropertySymbols(socket);
  return keys.map((key) => values[key]).find(isOpenWebSocket);
}

function isOpenWebSocket(value: unknown): value is WebSocket {
  if (typeof value !== 'object' || value === null) return false;
  const { readyState, close, terminate } = value as Partial<WebSocket>;
  return readyState === OPEN && typeof close === 'function' && typeof terminate === 'function';
}

/** A poll that waits has nothing to come: engine.io answers at once when it has. */
function isPolled({ current }: Connection): boolean {
  if (current === undefined || current.headersSent) return false;
  const { method, _query: query } = current.req as EngineRequest;
  return method === 'GET' && query?.transport === 'polling' && query.sid !== undefined;
}
