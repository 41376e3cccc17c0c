import { constants } from 'node:http2';
import { guarded } from '../deliver.js';
import type { Connection } from '../transport/connection/connection.js';
import { isEventStream, isEventStreamType } from '../transport/answer/event-stream.js';
import { lingeringClose } from '../transport/connection/linger.js';
import { openWebSocketOn } from './ws.js';

/** The server goes away, not the conversation: clients that connect again find another one. */
const GOING_AWAY = 1001;

/** How often clients are looked for whose handshake was under way when the drain began. */
const sweepMs = 100;

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
export function closePushClients(
  ofTransports: readonly { readonly connections: Iterable<Connection> }[],
  paceMs = 0,
): () => void {
  const end = performance.now() + paceMs;
  const sweep = (): void => {
    const leave: (() => unknown)[] = [];
    for (const { connections } of ofTransports) {
      for (const connection of connections) {
        if (mayWait(connection)) leave.push(...unlessThrown(() => waysToLeave(connection)));
      }
    }
    const leftMs = end - performance.now();
    const share = leftMs <= sweepMs ? 1 : sweepMs / leftMs;
    for (const each of leave.slice(0, Math.ceil(leave.length * share))) guarded(each, ignore);
  };
  sweep();
  const timer = setInterval(sweep, sweepMs);
  return () => clearInterval(timer);
}

/** None, where what a handler has put in the place of something of Node's fails: the cut is left for it. */
function unlessThrown(find: () => (() => unknown)[]): (() => unknown)[] {
  try {
    return find();
  } catch {
    return [];
  }
}

function ignore(): void {
  // It is cut when the grace is over.
}

/** Most are idle, which is told by a look: there may be thousands of them. */
function mayWait({ kind, inFlight }: Connection): boolean {
  return kind === 'http1' || kind === 'http2' ? inFlight > 0 : kind === 'upgraded';
}

/** How those who are pushed to on a connection are made to leave, one function for each. */
function waysToLeave(connection: Connection): (() => unknown)[] {
  const { kind, socket } = connection;
  if (kind === 'upgraded') {
    const webSocket = openWebSocketOn(socket);
    return webSocket ? [() => webSocket.close(GOING_AWAY)] : [];
  }
  if (kind === 'http2') {
    const streams = [...connection.streams]
      .map(({ stream }) => stream)
      .filter(
        ({ closed, sentHeaders }) => !closed && isEventStreamType(sentHeaders?.['content-type']),
      );
    return streams.map((stream) => () => stream.close(constants.NGHTTP2_NO_ERROR));
  }
  if (socket.writableEnded) return [];
  return isPolled(connection) || isStreamed(connection) ? [() => lingeringClose(socket)] : [];
}

function isStreamed({ current }: Connection): boolean {
  return current !== undefined && isEventStream(current);
}

/**
 * A poll that waits has nothing to come: engine.io answers at once when it has. Known by the protocol of
 * engine.io, whose clients name it, the transport and their session in each request.
 *
 * @see https://socket.io/docs/v4/engine-io-protocol/
 */
function isPolled({ current }: Connection): boolean {
  if (current === undefined || current.headersSent || current.req.method !== 'GET') return false;
  // A handler may have put an object in its place.
  const url = current.req.url as unknown;
  if (typeof url !== 'string' || !url.includes('transport=polling')) return false;
  const query = new URLSearchParams(url.slice(url.indexOf('?') + 1));
  return query.get('transport') === 'polling' && query.has('EIO') && query.has('sid');
}
